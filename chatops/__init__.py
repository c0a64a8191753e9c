"""Diagnostics and administration for any Django channel layer."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatops.api import Report, broadcast, broadcast_sync

__all__ = ["Report", "broadcast", "broadcast_sync"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as the module says above
    """Import what is called when it is called: `--help` and a server's start do not pay for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chatops import api  # noqa: PLC0415

    return getattr(api, name)
