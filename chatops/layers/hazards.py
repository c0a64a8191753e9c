"""What a built core layer gives away, without asking a server."""

from collections.abc import Sequence
from typing import Any

from chatops.model.finding import Finding
from chatops.model.rules.settings import HOSTS, IDLE


def idle(pool: Any, needed: float) -> Finding:  # noqa: ANN401 - redis-py's pools share no public base
    """Hold redis-py's socket timeout against the layer's blocking pop, both in seconds."""
    timeout = pool.make_connection().socket_timeout
    if timeout is None or timeout > needed:
        allowed = "for ever" if timeout is None else f"{timeout} s"
        return IDLE.ok(f"a read may wait {allowed}; the layer needs {needed} s")
    return IDLE.fail(
        f"redis-py gives up a read after {timeout} s while the layer waits {needed} s: "
        "every idle socket is closed with 1011 (channels_redis #422)"
    )


def several_hosts(hosts: Sequence[object]) -> list[Finding]:
    """Warn of several hosts: the core layer sends to one and reads from another."""
    if len(hosts) == 1:
        return []
    return [
        HOSTS.warn(
            f"with {len(hosts)} hosts most sends to a single channel are lost "
            "(channels_redis #221); group sends arrive"
        )
    ]
