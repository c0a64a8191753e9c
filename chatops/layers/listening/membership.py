"""Which groups of a core layer our taps are in: named ones, found ones, and for how long."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import suppress

from chatops.errors import ChatopsError
from chatops.layers.census import text
from chatops.layers.clock import elapsed
from chatops.layers.listening.lease import Entered, drop, enter, lease, leave
from chatops.layers.redis import RedisAdapter
from chatops.layers.scanned import scanned
from chatops.layers.spelling import TAP, escaped, group_key, queue_key
from chatops.model.message import Hole
from chatops.model.watched import Watched

_ROUND = 500
"""About how many keys one step looks at."""

_FAREWELL = 1.0
_EXPIRED = "we were stopped for longer than the tap's lease"
_EVICTED = "a process with a shorter group_expiry removed our tap from the group"
_GONE = "the group was removed from the server, and our tap with it"
_NEW = "the room is new: what was sent before we were in it was not heard"


class Membership:
    """One queue, and a channel of it in each group, which tells the group.

    What there is to tell waits in `holes` and `names`: groups by channel, `None` where left. Each
    of the `hosts` is `renewed` by itself.
    """

    def __init__(self, adapter: RedisAdapter, watched: Watched, channel: str) -> None:
        layer = adapter.layer
        self.queue = queue_key(layer, channel)
        self.home = int(layer.consistent_hash(layer.non_local_name(channel)))
        self.holes: list[Hole] = []
        self.names: dict[str, str | None] = {}
        self._adapter = adapter
        self._watched = watched
        self._prefix = channel.partition("!")[0]
        self._named = {group: self._channel() for group in watched.groups}
        self._found: dict[str, str] = {}
        self.hosts = range(len(adapter.hosts))
        self.lease = lease(layer)
        self.is_wide = bool(watched.globs)
        self.renewed = dict.fromkeys(self.hosts, elapsed())
        self._meeting = {each: asyncio.Lock() for each in self.hosts}
        self._tell(self._named)

    def _channel(self) -> str:
        return f"{self._prefix}!{uuid.uuid4().hex}"

    def _tell(self, members: dict[str, str]) -> None:
        self.names |= {channel: group for group, channel in members.items()}

    async def join(self) -> None:
        """Enter all groups that there are."""
        for index in self.hosts:
            await self.rejoin(index)

    async def rejoin(self, index: int) -> None:
        """Enter the groups of one host, as at first."""
        await self._enter(index)
        if self.is_wide:
            async for _ in self.look(index, None):
                pass

    async def leave(self) -> None:
        """Leave all groups; where a server is away, the lease ends by itself."""
        members = self._named | self._found
        leaving = [leave(self._adapter, each, self._here(members, each)) for each in self.hosts]
        await asyncio.gather(*map(_quietly, leaving))
        await _quietly(drop(self._adapter, self.queue, self.home))

    async def renew(self, index: int) -> None:
        """Renew the leases on one host; what was over is a hole."""
        since = self.renewed[index]
        entered = await self._enter(index)
        late = elapsed() - since - self.lease
        for group in entered.added + entered.gone:
            if late > 0:
                hole = Hole(seconds=round(late, 3), reason=_EXPIRED, group=group)
            else:
                reason = _EVICTED if group in entered.added else _GONE
                hole = Hole(seconds=None, reason=reason, group=group)
            self.holes.append(hole)

    async def _enter(self, index: int) -> Entered:
        """Stay in the groups of one host; those that only taps are in are left."""
        named = await enter(self._adapter, index, self._here(self._named, index), found=False)
        found = await enter(self._adapter, index, self._here(self._found, index), found=True)
        self.renewed[index] = elapsed()
        for group in found.left:
            if channel := self._found.pop(group, None):
                self.names[channel] = None
        return Entered(named.added + found.added, named.gone + found.gone, found.left)

    def _here(self, members: dict[str, str], index: int) -> dict[str, str]:
        home = self._adapter.layer.consistent_hash
        return {group: channel for group, channel in members.items() if home(group) == index}

    async def look(self, index: int, before: float | None) -> AsyncIterator[None]:
        """Look at all groups of one host once, in small steps, and join those that are new.

        Where we looked `before`, what was sent there since then is a hole.
        """
        start = group_key(self._adapter.layer, "")
        client = self._adapter.client(index)
        async for keys in scanned(self._adapter, client, f"{escaped(start)}*", _ROUND, "zset"):
            for group in await self._meet(index, {text(key).removeprefix(start) for key in keys}):
                if before is not None:
                    seconds = round(elapsed() - before, 3)
                    self.holes.append(Hole(seconds=seconds, reason=_NEW, group=group))
            yield

    async def _meet(self, index: int, groups: set[str]) -> Sequence[str]:
        async with self._meeting[index]:  # two who meet a group would hear all of it twice
            known = self._named.keys() | self._found.keys()
            wanted = filter(self._watched.finds, groups - known)
            new = self._here({group: self._channel() for group in wanted}, index)
            self._tell(new)  # before, since a message may come as soon as we are in it
            entered = await enter(self._adapter, index, new, found=True)
            self._found |= {group: new.pop(group) for group in entered.added}
            self.names |= dict.fromkeys(new.values())
        return entered.added


async def _quietly(work: Awaitable[None]) -> None:
    with suppress(ChatopsError, TimeoutError):
        async with asyncio.timeout(_FAREWELL):
            await work


async def membership(adapter: RedisAdapter, watched: Watched) -> Membership:
    """Name a queue of its own for these groups; nothing is joined yet."""
    channel = await adapter.layer.new_channel(prefix=f"{TAP}{uuid.uuid4().hex[:8]}")
    return Membership(adapter, watched, channel)
