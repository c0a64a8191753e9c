"""A clock for what was missed: a machine that sleeps hears nothing."""

import time


def elapsed() -> float:
    """Return seconds that go on while the machine sleeps, where there is such a clock."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
