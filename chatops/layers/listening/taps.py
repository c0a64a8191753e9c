"""What the core layer's groups hear: a member that watches, with a queue of its own."""

import asyncio
import pickle
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

from chatops.errors import LayerAway, LayerRaised
from chatops.layers.clock import elapsed
from chatops.layers.listening.draining import Drain, drained
from chatops.layers.listening.feed import Frame
from chatops.layers.listening.keeping import keeping
from chatops.layers.listening.membership import Membership, membership
from chatops.layers.opened import PATIENCE
from chatops.layers.redis import AWAY, RedisAdapter, until_answered
from chatops.model.message import Arrival, Hole
from chatops.model.watched import Watched

_FULL = Hole(
    seconds=None, reason="the tap's queue was full: too much came at once, or we were stopped"
)

_LATE = 1.0
"""Seconds by which the end of our patience comes too late where we, not the layer, stood still."""


class Taps:
    """A feed of one queue, joined to each group by a channel of its own, which tells the group."""

    def __init__(self, adapter: RedisAdapter, watched: Watched) -> None:
        self.exact = False
        self._adapter = adapter
        self._watched = watched
        self._capacity = 1
        self._groups: dict[str, str] = {}  # by channel, as the hearing side tells the reading one

    # ------------------------------------------------------------ hearing

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[AsyncIterator[Frame]]:
        """Hold taps for as long as the block runs."""
        members = await membership(self._adapter, self._watched)
        drain = Drain(self._adapter, members.queue, members.home)
        try:
            await drain.connect()
            async with (
                _joined(self._adapter, members) as kept,
                aclosing(self._drained(members, drain, kept)) as frames,
            ):
                yield frames
        finally:
            await drain.close()

    async def _drained(
        self, members: Membership, drain: Drain, kept: Sequence["asyncio.Future[None]"]
    ) -> AsyncGenerator[Frame, None]:
        """Yield what is queued, and what there is to tell of the groups first."""

        async def back() -> None:
            await drain.connect()
            await members.rejoin(members.home)

        heard = elapsed()
        while True:
            _raise(kept)
            for frame in _news(members):
                yield frame
            asked = elapsed()
            try:
                said = await drain.take()
            except LayerRaised:
                raise
            except LayerAway:
                if elapsed() - asked > PATIENCE + _LATE:
                    continue  # what it said meanwhile is still to be read
                yield _hole(AWAY)
                _, missed = await until_answered(back, heard)
                yield _hole(missed)
                heard = elapsed()
                continue
            heard = elapsed()
            for frame in _news(members):  # what came may be of a group that was just met
                yield frame
            messages = sum(map(len, drained(said))) if self.exact else None
            if said and messages != 0:
                yield Frame(0, time.time(), said, messages)

    # ------------------------------------------------------------ reading

    def read(self, frame: Frame) -> Sequence[Arrival | Hole]:
        """Decode what was queued; what names more channels was sent to more groups at once."""
        if frame.hole is not None:
            return [frame.hole]
        if frame.messages == 0:
            self._named(pickle.loads(frame.data))  # noqa: S301 - our own
            return []
        seen_at = datetime.fromtimestamp(frame.at, UTC)
        found: list[Arrival | Hole] = []
        for payloads in drained(frame.data):
            found += [each for one in payloads for each in self._arrivals(one, seen_at)]
            if len(payloads) >= self._capacity:
                found.append(_FULL)
        return found

    def _named(self, names: dict[str, str | None]) -> None:
        self._capacity = int(self._adapter.layer.get_capacity(next(iter(names))))
        for channel, group in names.items():
            if group is None:
                self._groups.pop(channel, None)
            else:
                self._groups[channel] = group

    def _arrivals(self, payload: bytes, seen_at: datetime) -> Iterator[Arrival]:
        body, problem = self._adapter.decoded(payload)
        channels = body.pop("__asgi_channel__", None)
        if not isinstance(channels, list):
            channels = [channels]
        told = [each for each in channels if isinstance(each, str)]
        known = [self._groups[each] for each in told if each in self._groups]
        named = self._watched.groups
        alone = named[0] if len(named) == 1 and not self._watched.globs else None
        groups: list[str | None] = [*known] or [alone]
        for group in groups:
            yield Arrival(body, len(payload), seen_at, problem, group, payload)


@asynccontextmanager
async def _joined(
    adapter: RedisAdapter, members: Membership
) -> AsyncIterator[Sequence["asyncio.Future[None]"]]:
    """Be in the groups for as long as the block runs; it gets what keeps us there."""
    kept: list[asyncio.Future[None]] = []
    try:
        await members.join()
        kept += keeping(adapter, members)
        yield kept
    finally:
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)
        await members.leave()


def _raise(kept: Sequence["asyncio.Future[None]"]) -> None:
    """Raise what ended one of those that work for ever."""
    for task in kept:
        if task.done():
            task.result()


def _news(members: Membership) -> Iterator[Frame]:
    while members.holes:
        yield _hole(members.holes.pop(0))
    if members.names:
        names, members.names = members.names, {}
        yield Frame(0, time.time(), pickle.dumps(names), 0)


def _hole(hole: Hole) -> Frame:
    return Frame(0, time.time(), hole=hole)
