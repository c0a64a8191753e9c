"""What every test gets."""

import compileall
import signal

import pytest
from hypothesis import HealthCheck, settings
from processes import ROOT

# The first text of a fresh clone builds Unicode tables, which takes longer than Hypothesis allows.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# A shell's background job ignores Ctrl-C, and so would all that the tests start; they heed it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Compile, once, what a thousand processes of the tests are about to load."""
    if not hasattr(config, "workerinput"):  # which a worker of xdist has
        for package in ("chatops", "chat", "chatsite"):
            compileall.compile_dir(ROOT / package, quiet=2)
