"""Listen to several groups of any layer, also to those that appear later."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from chatops.layers.listening.merged import Merged
from chatops.model.message import Arrival, Hole

if TYPE_CHECKING:
    from chatops.layers.base import Arrivals, LayerAdapter
    from chatops.model.watched import Watched

Batch = Sequence[Arrival | Hole]

_LOOK = 1.0
"""Seconds between two looks at which groups there are."""


@asynccontextmanager
async def together(layer: "LayerAdapter", watched: "Watched") -> AsyncIterator["Arrivals"]:
    """Join each group on its own, for as long as the block runs."""
    crowd = _Crowd(layer, watched)
    everything = crowd.batches.all()
    try:
        for group in watched.groups:
            await crowd.join(group)
        if watched.globs:
            await crowd.look()
            crowd.batches.add(crowd.look_again())
        yield everything
    finally:
        await everything.aclose()
        await crowd.batches.close()


class _Crowd:
    def __init__(self, layer: "LayerAdapter", watched: "Watched") -> None:
        self._layer = layer
        self._watched = watched
        self._found: dict[str, AsyncGenerator[Batch, None]] = {}
        self.batches: Merged[Batch] = Merged()

    async def join(self, group: str) -> AsyncGenerator[Batch, None]:
        source = self._in(group)
        await anext(source)  # it has joined
        self.batches.add(source)
        return source

    async def _in(self, group: str) -> AsyncGenerator[Batch, None]:
        async with self._layer.joined(group) as arrivals:
            yield []
            async for batch in arrivals:
                yield [each._replace(group=group) if isinstance(each, Arrival) else each
                       for each in batch]  # fmt: skip

    async def look(self) -> None:
        """Join the groups that are new, and leave those that are gone."""
        wanted = self._watched.finds
        there = {state.group async for state in self._layer.groups(wanted)}
        for group in there - set(self._watched.groups) - set(self._found):
            self._found[group] = await self.join(group)
        for group in set(self._found) - there:
            await self.batches.drop(self._found.pop(group))

    async def look_again(self) -> AsyncGenerator[Batch, None]:
        while True:
            await asyncio.sleep(_LOOK)
            await self.look()
            yield []
