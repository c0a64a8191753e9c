"""`channels_redis.core`: groups and queues are sorted sets, and so can be read."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, ClassVar

from chatops.errors import ChatopsError
from chatops.layers.base import Arrivals
from chatops.layers.hazards import idle, several_hosts
from chatops.layers.overflow import overflow
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import TAP, escaped, group_key, inflight_key, queue_key
from chatops.layers.tap import tapped
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.room import GroupState, Reach, Unit

_BATCH = 500
"""Groups looked at in one round trip."""

_FAREWELL = 1.0
"""Seconds to clean up in, at the most."""


class CoreAdapter(RedisAdapter):
    """`channels_redis.core.RedisChannelLayer`."""

    kind = "core"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    _own: str | None = None  # a channel that we made: where our queue is

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""
        return list(self.layer.hosts)

    async def new_channel(self) -> str:
        """Return the name of a new channel of this process."""
        self._own = await super().new_channel()
        return self._own

    async def close(self) -> None:
        """Remove our own queues by their exact names, where there is a server to ask."""
        if self._own is None:
            return
        keys = queue_key(self.layer, self._own), inflight_key(self.layer, self._own)
        with suppress(ChatopsError, TimeoutError):
            async with asyncio.timeout(_FAREWELL), self.answering():
                await self.layer.wait_received()
                for index in range(self.layer.ring_size):
                    await self.layer.connection(index).delete(*keys)

    async def group_add(self, group: str, channel: str, *, lease: int | None = None) -> None:
        """Add a channel of ours to a group; with `lease`, the group expires after so long."""
        await super().group_add(group, channel)
        if lease is not None:
            async with self.answering():
                home = self.layer.connection(self._home(group))
                await home.expire(group_key(self.layer, group), lease)

    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        """Send to a group; returns how many processes' queues were full and dropped it."""
        full_taps = await self._full_taps(group)
        with overflow() as counts:
            await super().group_send(group, event)
        return max(0, sum(counts) - full_taps)

    async def _full_taps(self, group: str) -> int:
        """Count the taps that keep nobody's message from anybody, and are counted all the same."""
        async with self.answering():
            client = self.layer.connection(self._home(group))
            names = await client.zrange(group_key(self.layer, group), 0, -1)
            taps = {self.layer.non_local_name(_text(name)) for name in names if _is_tap(name)}
            backlog = await self._backlog(sorted(taps))
        return sum(count >= self.layer.get_capacity(tap) for tap, count in backlog.items())

    async def reach(self, group: str) -> Reach:
        """Count the members that have not expired, taps left out."""
        async with self.answering():
            members = await self._members([group_key(self.layer, group)], self._home(group))
        return Reach(count=len(members[0]), unit=Unit.MEMBERS)

    async def groups(self) -> AsyncIterator[GroupState]:
        """Yield each group that has a member, host by host, by SCAN."""
        start = group_key(self.layer, "")
        for index in range(self.layer.ring_size):
            cursor: int | None = None
            while cursor != 0:
                async with self.answering():
                    cursor, keys = await self.layer.connection(index).scan(
                        cursor or 0, match=f"{escaped(start)}*", count=_BATCH
                    )
                    states = await self._states(keys, index)
                for state in states:
                    yield state

    async def _states(self, keys: Sequence[bytes], index: int) -> list[GroupState]:
        members = await self._members(keys, index)
        start = group_key(self.layer, "")
        queues = {self.layer.non_local_name(name) for names in members for name in names}
        backlog = await self._backlog(sorted(queues))
        return [
            self._state(_text(key).removeprefix(start), names, backlog)
            for key, names in zip(keys, members, strict=True)
            if names
        ]

    def _state(self, group: str, names: Sequence[str], backlog: dict[str, int]) -> GroupState:
        queues = {self.layer.non_local_name(name) for name in names}
        fullest = max(queues, key=lambda queue: backlog[queue] / self.layer.get_capacity(queue))
        return GroupState(
            group=group,
            count=len(names),
            unit=Unit.MEMBERS,
            processes=len(queues),
            backlog=backlog[fullest],
            capacity=self.layer.get_capacity(fullest),
        )

    async def _members(self, keys: Sequence[bytes | str], index: int) -> list[list[str]]:
        """Return each group's members that have not expired, taps left out."""
        oldest = time.time() - self.layer.group_expiry
        pipe = self.layer.connection(index).pipeline(transaction=False)
        for key in keys:
            pipe.zrangebyscore(key, oldest, "+inf")
        return [
            [_text(name) for name in names if not _is_tap(name)] for names in await pipe.execute()
        ]

    async def _backlog(self, queues: Sequence[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for index in range(self.layer.ring_size):
            here = [queue for queue in queues if self._home(queue) == index]
            pipe = self.layer.connection(index).pipeline(transaction=False)
            for queue in here:
                pipe.zcard(queue_key(self.layer, queue))
            counts |= dict(zip(here, await pipe.execute(), strict=True))
        return counts

    def _home(self, name: str) -> int:
        return int(self.layer.consistent_hash(name))

    def listen(self, group: str) -> AbstractAsyncContextManager[Arrivals]:
        """Watch the group by a leased tap, which falls out by itself if we are killed."""
        return tapped(self, group)

    def settings_findings(self) -> list[Finding]:
        """Say what the hosts and redis-py's timeouts will do to this layer."""
        return [*several_hosts(self.hosts), idle(self.pool(0), self.layer.brpop_timeout)]


def _text(name: bytes) -> str:
    """Read a name; bytes that are no text are shown, because others may write here too."""
    return name.decode(errors="backslashreplace")


def _is_tap(name: bytes) -> bool:
    return name.startswith(TAP.encode())
