"""Which groups of a core layer our taps are in: named ones, found ones, and for how long."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from chatops.errors import ChatopsError, LayerAway
from chatops.layers.census import text
from chatops.layers.listening.lease import LEASE, enter, leave
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import TAP, escaped, group_key, queue_key
from chatops.model.message import Hole
from chatops.model.watched import Watched

_RENEW = 5.0
_LOOK, _PAUSE = 1.0, 0.01
"""Seconds that one look at all groups takes at least, and between two questions of it."""

_FAREWELL = 1.0
_EXPIRED = "the tap's lease had run out"
_EVICTED = "a process with a shorter group_expiry removed our tap from the group"


class Membership:
    """One queue, and a channel of it in each group, which tells the group.

    What there is to tell waits in `holes` and `names`: groups by channel, `None` where left.
    """

    def __init__(self, adapter: RedisAdapter, watched: Watched, channel: str) -> None:
        layer = adapter.layer
        self.queue = queue_key(layer, channel)
        self.home = int(layer.consistent_hash(layer.non_local_name(channel)))
        self.capacity = int(layer.get_capacity(channel))
        self.holes: list[Hole] = []
        self.names: dict[str, str | None] = {}
        self._adapter = adapter
        self._watched = watched
        self._prefix = channel.partition("!")[0]
        self._named = {group: self._channel() for group in watched.groups}
        self._found: dict[str, str] = {}
        self._renewed = time.monotonic()
        self._tell(self._named)

    def _channel(self) -> str:
        return f"{self._prefix}!{uuid.uuid4().hex}"

    def _tell(self, members: dict[str, str]) -> None:
        self.names |= {channel: group for group, channel in members.items()}

    async def join(self) -> None:
        """Enter all groups, as at first."""
        await enter(self._adapter, self._named, found=False)
        await enter(self._adapter, self._found, found=True)
        self._renewed = time.monotonic()

    async def leave(self) -> None:
        """Leave all groups; where the server is away, the lease ends by itself."""
        members = self._named | self._found
        with suppress(ChatopsError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await leave(self._adapter, members, self.queue, self.home)

    async def keep(self) -> None:
        """Renew the leases for ever; what was over is a hole."""
        while True:
            await asyncio.sleep(_RENEW)
            with suppress(LayerAway):  # who drains the queue tells
                await self._renew()

    async def _renew(self) -> None:
        named = await enter(self._adapter, self._named, found=False)
        found = await enter(self._adapter, self._found, found=True)
        late = time.monotonic() - self._renewed - LEASE
        self._renewed = time.monotonic()
        for group in found.left:
            self.names[self._found.pop(group)] = None
        for group in named.added + found.added:
            if late > 0:
                hole = Hole(seconds=round(late, 3), reason=_EXPIRED, group=group)
            else:
                hole = Hole(seconds=None, reason=_EVICTED, group=group)
            self.holes.append(hole)

    async def look_again(self) -> None:
        """Join groups that appear, for ever."""
        while self._watched.globs:
            since = time.monotonic()
            with suppress(LayerAway):
                async for _ in self.look():
                    await asyncio.sleep(_PAUSE)
            await asyncio.sleep(max(_PAUSE, since + _LOOK - time.monotonic()))

    async def look(self) -> AsyncIterator[None]:
        """Look at all groups once, in small steps, and join those that are new."""
        start = group_key(self._adapter.layer, "")
        for index in range(len(self._adapter.hosts)):
            cursor: int | None = None
            while cursor != 0:
                async with self._adapter.answering():
                    answer: Any = await self._adapter.client(index).scan(
                        cursor or 0, match=f"{escaped(start)}*", count=500, _type="zset"
                    )
                cursor, keys = answer
                await self._meet({text(key).removeprefix(start) for key in keys})
                yield

    async def _meet(self, groups: set[str]) -> None:
        known = self._named.keys() | self._found.keys()
        new = {group: self._channel() for group in groups - known if self._watched.finds(group)}
        entered = await enter(self._adapter, new, found=True)
        joined = {group: new[group] for group in entered.added}
        self._found |= joined
        self._tell(joined)


async def membership(adapter: RedisAdapter, watched: Watched) -> Membership:
    """Name a queue of its own for these groups; nothing is joined yet."""
    channel = await adapter.layer.new_channel(prefix=f"{TAP}{uuid.uuid4().hex[:8]}")
    return Membership(adapter, watched, channel)
