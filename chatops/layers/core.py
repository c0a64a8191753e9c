"""`channels_redis.core`: groups and queues are sorted sets, and so can be read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from redis.asyncio import Redis

from chatops.errors import ChatopsError, Unsupported
from chatops.layers.base import Arrivals, Sending, every
from chatops.layers.census import backlog, headcounts, oldest, taps
from chatops.layers.listening.lease import LEASE
from chatops.layers.overflow import overflow
from chatops.layers.redis import RedisAdapter
from chatops.layers.sending.each import ignore
from chatops.layers.spelling import group_key, inflight_key, queue_key
from chatops.layers.taking import taking
from chatops.model.capability import Capability
from chatops.model.room import GroupState, Reach, Unit

if TYPE_CHECKING:
    from chatops.layers.gone import Gone
    from chatops.layers.listening.feed import Feed
    from chatops.model.finding import Finding
    from chatops.model.member import MemberState
    from chatops.model.message import Arrival
    from chatops.model.residue import Residue
    from chatops.model.rules.rule import Rule
    from chatops.model.watched import Watched

_FAREWELL = 1.0
"""Seconds to clean up in, at the most."""


class CoreAdapter(RedisAdapter):
    """`channels_redis.core.RedisChannelLayer`."""

    kind = "core"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    _own: str | None = None  # a channel that we made: where our queue is
    _gone: "Gone | None" = None

    def _built(self) -> Any:  # noqa: ANN401
        """Build the layer, whose `expiry` may be a text: it takes its `int` wherever it counts."""
        layer = super()._built()
        if isinstance(layer.expiry, str) and layer.expiry.isdecimal():
            layer.expiry = int(layer.expiry)
        return layer

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""
        return list(self.layer.hosts)

    def rename(self, name: str) -> None:
        """Let the connections that the layer makes from now on tell their server this name."""
        self.layer.hosts = [{**host, "client_name": name} for host in self.hosts]

    def client(self, index: int) -> Redis:
        """Return the layer's own client to one server."""
        found: Redis = self.layer.connection(index)
        return found

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
        try:
            full_taps = await self._full_taps(group)
        except Unsupported:  # who may not look may still send
            full_taps = 0
        with overflow() as counts:
            await super().group_send(group, event)
        return max(0, sum(counts) - full_taps)

    def sending(self, told: Callable[[str], None] = ignore) -> AbstractAsyncContextManager[Sending]:
        """Send to many groups, never beyond a queue's capacity: a full one is waited for."""
        from chatops.layers.sending.core import queueing  # noqa: PLC0415 - a broadcast's alone
        from chatops.layers.sending.shipped import as_shipped  # noqa: PLC0415

        return queueing(self, told) if as_shipped(self.layer) else super().sending(told)

    @property
    def tells_members(self) -> bool:
        """Tell whether messages are put into queues by ourselves."""
        from chatops.layers.sending.shipped import as_shipped  # noqa: PLC0415 - as above

        return as_shipped(self.layer)

    async def _full_taps(self, group: str) -> int:
        """Count the taps that keep nobody's message from anybody, and are counted all the same."""
        async with self.answering():
            client = self.layer.connection(self._home(group))
            names = await taps(client, group_key(self.layer, group), oldest(self.layer), LEASE)
            queues = {self.layer.non_local_name(name) for name in names}
            queued = await backlog(self.layer, sorted(queues))
        return sum(count >= self.layer.get_capacity(tap) for tap, count in queued.items())

    async def reach(self, group: str) -> Reach:
        """Count the members that have not expired, taps left out."""
        async with self.answering():
            client = self.layer.connection(self._home(group))
            [heads] = await headcounts(client, [group_key(self.layer, group)], oldest(self.layer))
        return Reach(count=heads.members, unit=Unit.MEMBERS)

    async def reaches(self, groups: Sequence[str]) -> Sequence[Reach | None]:
        """Count the members of many groups, asking each server once."""
        from chatops.layers.gone import many  # noqa: PLC0415 - not every command's

        try:
            found = await many(self, groups)
        except Unsupported:
            return [None] * len(groups)
        return [Reach(count=heads.members, unit=Unit.MEMBERS) for heads in found]

    async def ghosts(self, groups: Sequence[str]) -> Sequence[int]:
        """Count the members of dead processes: what was sent to them stays in their queues."""
        from chatops.layers.gone import Gone  # noqa: PLC0415 - a broadcast's alone

        self._gone = self._gone or Gone(self)
        return await self._gone.ghosts(groups)

    def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield each wanted group that has a member, host by host, by SCAN."""
        from chatops.layers.groups import Groups  # noqa: PLC0415 - not every command's

        return Groups(self, wanted).all()

    def members(self, group: str) -> AsyncIterator["MemberState"]:
        """Yield every member of a group that has not expired, taps too, oldest first."""
        from chatops.layers.groups import members  # noqa: PLC0415 - not every command's

        return members(self, group)

    def residue(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[Sequence["Residue"]]:
        """Yield what dead processes left in wanted groups, key by key."""
        from chatops.layers.leftovers import Leftovers  # noqa: PLC0415 - not every command's

        self._left = Leftovers(self, wanted)
        return self._left.find()

    async def remove(self, residues: Sequence["Residue"]) -> Sequence["Residue"]:
        """Remove what is planned of one key, after another look; returns what became of each."""
        return await self._left.remove(residues)

    def _home(self, name: str) -> int:
        return int(self.layer.consistent_hash(name))

    def listen(self, watched: "Watched") -> AbstractAsyncContextManager[Arrivals]:
        """Watch the groups by leased taps, which fall out by themselves if we are killed."""
        from chatops.layers.listening.feed import heard  # noqa: PLC0415 - a listener's alone

        return heard(self.feed(watched))

    def feed(self, watched: "Watched") -> "Feed":
        """Return what `listen` hears: the payloads of our own queue."""
        from chatops.layers.listening.taps import Taps  # noqa: PLC0415 - a listener's alone

        return Taps(self, watched)

    def lost(self, channel: str) -> str | None:
        """Tell whether `send` hashes this name to another host than `receive` does (#221)."""
        if "!" not in channel or self._home(channel) == self._home(
            self.layer.non_local_name(channel)
        ):
            return None
        return (
            f"With {len(self.hosts)} hosts, what is sent to {channel!r} goes to one host and is "
            "received from another: it gets lost (channels_redis #221). Send to a group instead."
        )

    def _taking(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        return taking(self, channel)

    async def queued(self, groups: Sequence[str]) -> Sequence[tuple[str, "Arrival"]]:
        """Return what was sent last to each process in these groups, with its queue's name."""
        from chatops.layers.waiting import waiting  # noqa: PLC0415 - a broadcast's alone

        return await waiting(self, groups)

    def capacity(self, channel: str) -> int:
        """Return how many messages the queue of the channel's process takes."""
        return int(self.layer.get_capacity(channel))

    async def lifetime(self, channel: str) -> tuple[float, int]:
        """Return after how many seconds the server forgets the queue of a channel of ours."""
        async with self.answering():
            left = await self.layer.connection(self._home(channel)).pttl(
                queue_key(self.layer, channel)
            )
        return left / 1000, self.layer.expiry

    def broker_probes(self) -> Mapping["Rule", Callable[[], Awaitable["Finding"]]]:
        """Return what can be asked of the servers."""
        from chatops.layers.broker.core import core_probes  # noqa: PLC0415 - a check's alone

        return core_probes(self)

    def settings_findings(self) -> list["Finding"]:
        """Say what the hosts, redis-py's timeouts and the expiry of members do to this layer."""
        from chatops.checks.hosts import expiry, idle, several  # noqa: PLC0415 - a check's alone
        from chatops.layers.hazards import timeouts  # noqa: PLC0415

        pools = map(self.pool, range(len(self.hosts)))
        return [
            idle(timeouts(pools), self.layer.brpop_timeout),
            several(len(self.hosts)),
            expiry(self.layer.group_expiry),
        ]
