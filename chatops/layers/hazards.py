"""What the settings of a core layer give away, without asking a server."""

from collections.abc import Sequence
from typing import Any

from chatops.model.finding import Finding, Status


def idle(pool: Any, needed: float) -> Finding:  # noqa: ANN401 - redis-py's pools share no public base
    """Hold redis-py's socket timeout against the layer's blocking pop, both in seconds."""
    timeout = pool.make_connection().socket_timeout
    if timeout is None or timeout > needed:
        allowed = "for ever" if timeout is None else f"{timeout} s"
        status, fix = Status.OK, None
        detail = f"a read may wait {allowed}; the layer needs {needed} s"
    else:
        status = Status.FAIL
        detail = (
            f"redis-py gives up a read after {timeout} s while the layer waits {needed} s: "
            "every idle socket is closed with 1011 (channels_redis #422)"
        )
        fix = (
            'Write the host as {"address": URL, "socket_timeout": None, "protocol": 2}, '
            'or install "redis<8".'
        )
    return Finding(id="CHO002", name="idle connections", status=status, detail=detail, fix=fix)


def several_hosts(hosts: Sequence[object]) -> list[Finding]:
    """Warn of several hosts: the core layer sends to one and reads from another."""
    if len(hosts) == 1:
        return []
    return [
        Finding(
            id="CHO004",
            name="several hosts",
            status=Status.WARN,
            detail=f"with {len(hosts)} hosts most sends to a single channel are lost "
            "(channels_redis #221); group sends arrive",
            fix="Send to groups alone, or use one host, or the pubsub layer.",
        )
    ]
