"""What the connections of a core layer's processes give away, without a word to any of them."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from chatops.layers.redis import RedisAdapter

_LOOKS, _PAUSE = 5, 0.02
_TOLERANCE = 2
"""Seconds by which the server's whole seconds, and two clocks, may be wrong."""

_COMMANDS = frozenset(
    {"bzpopmin", "zadd", "zpopmin", "zrem", "zrange", "zcount", "zremrangebyscore"}
    | {"expire", "eval", "exec"}
)
"""What a core layer's connection has done last."""


async def readers(adapter: RedisAdapter, enough: int) -> int:
    """Count the clients that wait for a message now, workers' and other projects' among them.

    A process that is handed one does not wait for a moment, so that this looks several times.
    A tap of ours is left out: it always has questions that wait behind the one that blocks.
    """
    waiting: set[tuple[int, str]] = set()
    for _ in range(_LOOKS):
        for index in range(len(adapter.hosts)):
            for each in await _clients(adapter, index):
                if each["cmd"] == "bzpopmin" and "b" in each["flags"] and each["qbuf"] == "0":
                    waiting.add((index, each["id"]))
        if len(waiting) >= enough:
            break
        await asyncio.sleep(_PAUSE)
    return len(waiting)


class Connections:
    """The connections that may belong to a process that does not answer."""

    def __init__(self, idle: Sequence[tuple[int, int]]) -> None:
        self._idle = idle  # age and idle time, in seconds

    @classmethod
    async def seen_by(cls, adapter: RedisAdapter) -> "Connections":
        """Ask every host; what is denied raises."""
        idle: list[tuple[int, int]] = []
        for index in range(len(adapter.hosts)):
            idle += [
                (int(each["age"]), int(each["idle"]))
                for each in await _clients(adapter, index)
                if "b" not in each["flags"] and each["cmd"] in _COMMANDS
            ]
        return cls(idle)

    def doubt(self, joined: float, asked_for: float) -> str | None:
        """Say why a process that does not answer may live all the same; `None` where it is dead.

        It had a connection when its newest member joined, in seconds since the epoch, and one
        that lives keeps it, without a word for as long as it was asked. Whose connection one is,
        nobody can tell. (Where a server restarts, the consumers that wait for it die.)
        """
        since = time.time() - joined
        if any(age + _TOLERANCE >= since and idle >= int(asked_for) for age, idle in self._idle):
            return "a connection as old as its newest member is open and may be its"
        return None


async def _clients(adapter: RedisAdapter, index: int) -> list[Mapping[str, str]]:
    async with adapter.answering():
        found: Any = await adapter.client(index).client_list()
    return list(found)
