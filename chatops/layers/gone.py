"""Who in some groups of a core layer gets nothing of what was just sent: members of the dead."""

import asyncio
from collections.abc import Mapping, Sequence

from chatops.errors import ChatopsError
from chatops.layers.census import Headcount, backlog, headcounts, newest, oldest
from chatops.layers.clients import Connections
from chatops.layers.homes import by_host
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import group_key

_PAUSES = (0.01, 0.04, 0.15, 0.3)
"""Seconds between looks at the queues: a process that lives empties its own."""

_MOST = 50
"""Processes that are looked at; of more nobody learns anything."""


class Gone:
    """Looks only at processes that leave in their queue what was put there; asks nobody."""

    def __init__(self, adapter: RedisAdapter) -> None:
        self._adapter = adapter
        self._known: set[str] = set()

    async def ghosts(self, groups: Sequence[str]) -> Sequence[int]:
        """Count, for each group, the members whose process is gone; 0 where nobody knows."""
        try:
            found = await many(self._adapter, groups)
            joined = newest(found)
            if len(joined) <= _MOST:
                new = await self._left([each for each in joined if each not in self._known])
                self._known |= set(await self._gone({each: joined[each] for each in new}))
        except ChatopsError:
            return [0] * len(groups)
        return [sum(heads.processes[process] for process in self._known) for heads in found]

    async def _gone(self, joined: Mapping[str, float]) -> Sequence[str]:
        """Name the processes that have no connection, and leave their queues as they are."""
        if not joined:
            return ()
        open_ = await Connections.seen_by(self._adapter)
        left: Sequence[str] = [each for each in joined if not open_.doubt(joined[each], 0)]
        for pause in _PAUSES if left else ():
            await asyncio.sleep(pause)
            left = await self._left(left)
        return left

    async def _left(self, processes: Sequence[str]) -> Sequence[str]:
        async with self._adapter.answering():
            queued = await backlog(self._adapter.layer, processes)
        return [each for each in processes if queued[each]]


async def many(adapter: RedisAdapter, groups: Sequence[str]) -> Sequence[Headcount]:
    """Count the members of each group, asking each server once."""
    layer = adapter.layer
    counted: dict[str, Headcount] = {}
    for index, here in by_host(layer, groups).items():
        keys = [group_key(layer, each) for each in here]
        async with adapter.answering():
            counted |= dict(
                zip(here, await headcounts(adapter.client(index), keys, oldest(layer)), strict=True)
            )
    return [counted[each] for each in groups]
