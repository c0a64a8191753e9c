"""Listen through a process of our own that goes on when we are stopped."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from chatops.errors import LayerAway, LayerRaised
from chatops.layers.clock import elapsed
from chatops.layers.listening.forked import Forked, occupy
from chatops.layers.listening.spool import SIZE, Spool, Word
from chatops.model.capability import Capability
from chatops.model.message import Arrival, Hole

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from chatops.layers.base import Arrivals, LayerAdapter
    from chatops.layers.listening.feed import Frame
    from chatops.model.watched import Watched

_KILLED = "the process that listens for us was killed"
_AWAY = "the layer did not answer"
_AGAIN = 0.5
"""Seconds until another child is started."""


class Reading:
    """A child that listens, and our end of the spool between us.

    A pause of ours, a blocked pipe or a slow terminal is felt by the spool alone.
    """

    def __init__(self, layer: "LayerAdapter", watched: "Watched", size: int = SIZE) -> None:
        self._layer = layer
        self._watched = watched
        occupy()
        self._spool = Spool(size)
        self._child = self._forked(patient=False)

    def _forked(self, *, patient: bool) -> Forked:
        def work(lifeline: int, bell: int) -> None:
            from chatops.layers.listening.child import become  # noqa: PLC0415 - the child's

            become(self._layer, self._watched, self._spool, lifeline, bell, patient=patient)

        return Forked(work)

    @property
    def pid(self) -> int:
        """The process that listens for us."""
        return self._child.pid

    def close(self) -> None:
        """End the child and give the spool back."""
        self._child.end()
        self._spool.close()

    @asynccontextmanager
    async def listen(self) -> AsyncIterator["Arrivals"]:
        """Wait until the child listens; the block gets batches of what arrives from then on."""
        async with aclosing(self._all()) as heard:
            async for each in heard:
                if isinstance(each, Word):
                    if each.error is not None:
                        raise each.error
                    break
            async with aclosing(self._batches(heard)) as batches:
                yield batches

    async def _batches(
        self, heard: AsyncGenerator["Frame | Word | None", None]
    ) -> AsyncGenerator[Sequence[Arrival | Hole], None]:
        """Read what was heard; while there is no child that listens is a hole."""
        feed, since, reason = self._layer.feed(self._watched), 0.0, _KILLED
        async for each in heard:
            if isinstance(each, Word):
                if each.error is None:
                    feed = self._layer.feed(self._watched)  # what comes now begins anew
                    if since:
                        seconds = round(elapsed() - since, 3)
                        yield [Hole(seconds=seconds, reason=reason)]
                    since, reason = 0.0, _KILLED
                elif isinstance(each.error, LayerAway) and not isinstance(each.error, LayerRaised):
                    reason = _AWAY
                else:
                    raise each.error
            elif each is None:
                since = since or elapsed()
                yield [Hole(seconds=None, reason=reason, lasts=True)]
            elif batch := feed.read(each):
                yield batch

    async def _all(self) -> AsyncGenerator["Frame | Word | None", None]:
        """Yield what the child puts into the spool, and `None` where there had to be another."""
        while True:
            for each in self._spool.take():
                yield each
            self._spool.waits = True
            for each in self._spool.take():  # what came just before it could know that we wait
                yield each
            is_there = await self._child.rung()
            self._spool.waits = False
            if not is_there:
                for each in self._spool.take():
                    yield each
                yield None
                self._child.end()
                await asyncio.sleep(_AGAIN)
                self._child = self._forked(patient=True)


class _Here:
    """A reading without a child: where nobody can fork, or nobody else could hear."""

    def __init__(self, layer: "LayerAdapter", watched: "Watched") -> None:
        self._layer = layer
        self._watched = watched

    def listen(self) -> "AbstractAsyncContextManager[Arrivals]":
        """Listen in this process."""
        return self._layer.listen(self._watched)


@contextmanager
def reading(
    layer: "LayerAdapter", watched: "Watched", size: int = SIZE
) -> Iterator[Reading | _Here]:
    """Listen to these groups from another process, for as long as the block runs.

    Enter it before there is an event loop.
    """
    if not hasattr(os, "fork") or Capability.CROSS_PROCESS not in layer.capabilities:
        yield _Here(layer, watched)
        return
    started = Reading(layer, watched, size)
    try:
        yield started
    finally:
        started.close()
