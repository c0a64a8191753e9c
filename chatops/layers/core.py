"""`channels_redis.core`: groups and queues are sorted sets, and so can be read."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from chatops.layers.base import Arrivals
from chatops.layers.overflow import overflow
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import TAP, escaped, group_key, inflight_key, queue_key
from chatops.layers.tap import tapped
from chatops.model.capability import Capability
from chatops.model.finding import Finding, Status
from chatops.model.room import GroupState, Reach, Unit

_BATCH = 500
"""Groups looked at in one round trip."""


class CoreAdapter(RedisAdapter):
    """`channels_redis.core.RedisChannelLayer`."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""
        return list(self.layer.hosts)

    async def close(self) -> None:
        """Remove our own queues by their exact names and close the connections."""
        if self._layer is None:
            return
        own = await self.layer.new_channel()
        async with self.answering():
            await self.layer.wait_received()
            for index in range(self.layer.ring_size):
                keys = queue_key(self.layer, own), inflight_key(self.layer, own)
                await self.layer.connection(index).delete(*keys)
        await self.layer.close_pools()

    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        """Send to a group; returns how many processes' queues were full and dropped it."""
        with overflow() as counts:
            await super().group_send(group, event)
        return sum(counts)

    async def reach(self, group: str) -> Reach:
        """Count the members that have not expired, taps left out."""
        async with self.answering():
            members = await self._members([group], self._home(group))
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
                    names = [key.decode().removeprefix(start) for key in keys]
                    states = await self._states(names, index)
                for state in states:
                    yield state

    async def _states(self, groups: Sequence[str], index: int) -> list[GroupState]:
        members = await self._members(groups, index)
        queues = {self.layer.non_local_name(name) for names in members for name in names}
        backlog = await self._backlog(sorted(queues))
        return [
            self._state(group, names, backlog)
            for group, names in zip(groups, members, strict=True)
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

    async def _members(self, groups: Sequence[str], index: int) -> list[list[str]]:
        """Return each group's members that have not expired, taps left out."""
        oldest = time.time() - self.layer.group_expiry
        pipe = self.layer.connection(index).pipeline(transaction=False)
        for group in groups:
            pipe.zrangebyscore(group_key(self.layer, group), oldest, "+inf")
        return [
            [name.decode() for name in names if not name.startswith(TAP.encode())]
            for names in await pipe.execute()
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
        """Hold redis-py's socket timeout against the layer's blocking pop."""
        timeout = self.pool(0).make_connection().socket_timeout
        needed = self.layer.brpop_timeout
        if timeout is None or timeout > needed:
            allowed = "for ever" if timeout is None else f"{timeout} s"
            return [_idle(Status.OK, f"a read may wait {allowed}; the layer needs {needed} s")]
        return [
            _idle(
                Status.FAIL,
                f"redis-py gives up a read after {timeout} s while the layer waits {needed} s: "
                "every idle socket is closed with 1011 (channels_redis #422)",
                'Write the host as {"address": URL, "socket_timeout": None, "protocol": 2}, '
                'or install "redis<8".',
            )
        ]


def _idle(status: Status, detail: str, fix: str | None = None) -> Finding:
    return Finding(id="CHO002", name="idle connections", status=status, detail=detail, fix=fix)
