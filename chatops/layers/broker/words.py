"""Numbers and names, as they stand in one line."""

from collections.abc import Sequence

_NAMED = 3
_KB, _MB = 1024, 1024 * 1024
_MINUTE, _HOUR = 60, 3600


def counted(number: int, one: str, many: str) -> str:
    """Say how many there are of what."""
    return f"{number} {one if number == 1 else many}"


def some(names: Sequence[str]) -> str:
    """Name the first few, and say how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def sized(number: int) -> str:
    """Say how much so many bytes are."""
    if number >= _MB:
        return f"{number / _MB:.1f} MB"
    return f"{number / _KB:.0f} kB" if number >= _KB else f"{number} bytes"


def lasting(seconds: float) -> str:
    """Say how long so many seconds are."""
    if seconds >= _HOUR:
        return f"{seconds / _HOUR:.1f} h"
    return f"{seconds / _MINUTE:.0f} min" if seconds >= _MINUTE else f"{seconds:.0f} s"
