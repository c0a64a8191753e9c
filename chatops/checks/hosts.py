"""What the servers of a layer of channels_redis, and their options, do to it."""

from collections.abc import Sequence

from chatops.model.finding import Finding
from chatops.model.rules.settings import DATABASE, EXPIRY, HOSTS, IDLE

_BLOCKING = 5
"""Seconds that the core layer waits for a message at a time, its `brpop_timeout`."""

UNWAITING = "this layer asks its subscription every 0.1 s"
"""Why redis-py's timeout does not matter to the pubsub layer."""

_HOUR = 3600

SHARED = "asgi"
"""The prefix of who has chosen none."""


def idle(timeouts: Sequence[float | None], needed: float = _BLOCKING) -> Finding:
    """Hold each host's socket timeout against the layer's blocking pop, all in seconds."""
    for index, timeout in enumerate(timeouts):
        if timeout is not None and timeout <= needed:
            where = f" of hosts[{index}]" if len(timeouts) > 1 else ""
            return IDLE.fail(
                f"redis-py gives up a read{where} after {timeout:g} s while the layer waits "
                f"{needed:g} s: every idle socket is closed with 1011 (channels_redis #422)"
            )
    least = min((timeout for timeout in timeouts if timeout is not None), default=None)
    allowed = "for ever" if least is None else f"{least:g} s"
    return IDLE.ok(f"a read may wait {allowed}; the layer needs {needed:g} s")


def several(count: int) -> Finding:
    """Warn of several hosts: the core layer sends to one and reads from another."""
    if count == 1:
        return HOSTS.ok("1 host")
    return HOSTS.warn(
        f"with {count} hosts most sends to a single channel are lost "
        "(channels_redis #221); group sends arrive"
    )


def expiry(seconds: object) -> Finding:
    """Warn of members that are forgotten while their sockets are open."""
    if not isinstance(seconds, int | float):
        return EXPIRY.none("group_expiry is no number: see CHO005")
    if seconds < _HOUR:
        return EXPIRY.warn(
            f"a socket that is open for more than {seconds:g} s gets no more messages of its groups"
        )
    return EXPIRY.ok(f"a member is forgotten after {seconds / _HOUR:g} h")


def database(numbers: Sequence[int], prefix: object) -> Finding:
    """Warn of a database number that is meant to keep projects apart, and does not."""
    if prefix != SHARED:
        return DATABASE.ok(f"the prefix {prefix!r} keeps projects apart")
    for index, number in enumerate(numbers):
        if number != 0:
            return DATABASE.warn(
                f"hosts[{index}] names database {number}, which pub/sub ignores: whoever uses the "
                f"server with the prefix {SHARED!r} too is heard, and hears"
            )
    return DATABASE.ok("no other than 0 is named")
