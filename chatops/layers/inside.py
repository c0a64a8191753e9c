"""A channel layer as this very process uses it, for tests that run in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.choose import adapter
from chatops.layers.memory import MemoryAdapter
from chatops.model.message import Arrival
from chatops.model.watched import Watched

_PAUSE = 0.01


def inside(alias: str) -> LayerAdapter:
    """Return the adapter for an alias; in memory, that of the layer which the process has."""
    chosen = adapter(alias)
    return OwnMemory(alias, chosen.backend) if isinstance(chosen, MemoryAdapter) else chosen


def own(alias: str) -> LayerAdapter:
    """Return the adapter for an alias, over the very layer that this process uses.

    Its connections are those that there are anyway, and stay open.
    """
    chosen = inside(alias)
    chosen.shared = True
    return chosen


class OwnMemory(MemoryAdapter):
    """The in-memory layer of this process, whichever of its threads and loops we are in."""

    def _built(self) -> Any:  # noqa: ANN401 - third parties' layers share no base class
        from channels.layers import channel_layers  # noqa: PLC0415 - imports Django

        return channel_layers[self.alias]

    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        """Send, and wake the loops of other threads, which a queue of another loop does not."""
        channels = list(self.layer.groups.get(group, ()))
        queues = [self.layer.channels.get(channel) for channel in channels]
        dropped = await super().group_send(group, event)
        here = asyncio.get_running_loop()
        loops: set[Any] = {getattr(queue, "_loop", None) for queue in queues} - {None, here}
        for loop in loops:
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(_nothing)
        return dropped

    @asynccontextmanager
    async def listen(self, watched: Watched) -> AsyncIterator[Arrivals]:
        """Join the named groups, and miss nothing: the queues have no end."""
        queues: dict[str, asyncio.Queue[Any]] = {}
        names = {group: await self.new_channel() for group in watched.groups}
        for group, channel in names.items():
            # In its place before anybody sends: else the layer would make one with an end.
            self.layer.channels[channel] = queues[group] = asyncio.Queue()
            await self.group_add(group, channel)
        try:
            yield _drained(queues)
        finally:
            for group, channel in names.items():
                await self.group_discard(group, channel)
                self.layer.channels.pop(channel, None)


def _nothing() -> None:
    """Do nothing: that it is called is enough."""


async def _drained(queues: dict[str, asyncio.Queue[Any]]) -> Arrivals:
    """Look again and again: a queue cannot wake up a loop of another thread."""
    while True:
        batch = []
        for group, queue in queues.items():
            while not queue.empty():
                _, body = queue.get_nowait()
                batch.append(Arrival(body, None, datetime.now(UTC), None, group))
        if batch:
            yield batch
        await asyncio.sleep(_PAUSE)
