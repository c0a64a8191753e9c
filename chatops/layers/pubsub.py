"""`channels_redis.pubsub`: groups are Redis channels, and nothing is stored."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from channels_redis.utils import _consistent_hash, decode_hosts
from redis.asyncio import Redis

from chatops.errors import BadValue, Unsupported
from chatops.layers.base import Arrivals, Sending, every
from chatops.layers.redis import RedisAdapter, let_go
from chatops.layers.sending.each import ignore
from chatops.layers.spelling import escaped, group_channel
from chatops.model.capability import Capability
from chatops.model.room import GroupState, Reach, Unit

if TYPE_CHECKING:
    from chatops.layers.listening.feed import Feed
    from chatops.model.finding import Finding
    from chatops.model.message import Arrival
    from chatops.model.rules.rule import Rule
    from chatops.model.watched import Watched

_SUBSCRIBING = 2.0
"""Seconds for the server to know of a subscription of ours."""


class PubSubAdapter(RedisAdapter):
    """`channels_redis.pubsub.RedisPubSubChannelLayer`."""

    kind = "pubsub"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.CROSS_PROCESS, Capability.LIST_GROUPS}
    )

    def __init__(self, alias: str, backend: str) -> None:
        super().__init__(alias, backend)
        self._clients: dict[int, Redis] = {}

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""
        arguments = self.layer._args, self.layer._kwargs  # noqa: SLF001 - held by a test
        return list(decode_hosts(arguments[0][0] if arguments[0] else arguments[1].get("hosts")))

    def rename(self, name: str) -> None:
        """Let the connections that the layer makes from now on tell their server this name."""
        named = [{**host, "client_name": name} for host in self.hosts]
        layer = self.layer
        if layer._args:  # noqa: SLF001 - held by a test
            layer._args = (named, *layer._args[1:])  # noqa: SLF001
        else:
            layer._kwargs = {**layer._kwargs, "hosts": named}  # noqa: SLF001

    @property
    def _prefix(self) -> str:
        return str(self.layer.prefix)

    def client(self, index: int) -> Redis:
        """Our own client to one server, for the questions that the layer never asks."""
        if index not in self._clients:
            self._clients[index] = Redis(connection_pool=self.pool(index))
        return self._clients[index]

    def _home(self, name: str) -> int:
        return int(_consistent_hash(name, len(self.hosts)))

    async def close(self) -> None:
        """Close our own connections; the layer closes its own with the event loop."""
        for client in self._clients.values():
            await let_go(client)
        self._clients.clear()

    async def new_channel(self) -> str:
        """Return the name of a new channel of this process, once the server knows of it.

        The layer does not wait for that, and what is sent by then is lost.
        """
        channel = await super().new_channel()
        await self._subscribed_beyond(0, channel)
        return channel

    async def group_add(self, group: str, channel: str, *, lease: int | None = None) -> None:
        """Add a channel of ours to a group, and return once the server knows of it."""
        name = group_channel(self._prefix, group)
        is_first = name not in self.layer._get_layer().groups  # noqa: SLF001 - held by a test
        before = await self._count(name) if is_first else None
        await super().group_add(group, channel, lease=lease)
        await self._subscribed_beyond(before, name)

    async def _subscribed_beyond(self, before: int | None, name: str) -> None:
        """Wait until more subscribe than `before`; `None` is not to be waited for.

        A server that may not be asked is believed: sending shows what is wrong.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience(_SUBSCRIBING)):
                while before is not None:
                    count = await self._count(name)
                    if count is None or count > before:
                        return
                    await asyncio.sleep(0.001)

    async def _count(self, name: str) -> int | None:
        try:
            async with self.answering():
                counts = await self.client(self._home(name)).pubsub_numsub(name)
        except Unsupported:
            return None
        return int(counts[0][1])

    async def reach(self, group: str) -> Reach:
        """Count the processes that subscribe to the group; taps subscribe by pattern."""
        channel = group_channel(self._prefix, group)
        async with self.answering():
            counts = await self.client(self._home(channel)).pubsub_numsub(channel)
        return Reach(count=int(counts[0][1]), unit=Unit.PROCESSES)

    async def reaches(self, groups: Sequence[str]) -> Sequence[Reach | None]:
        """Count the processes of many groups, asking each server once."""
        counts: dict[str, int] = {}
        names = [group_channel(self._prefix, each) for each in groups]
        for index in range(len(self.hosts)):
            if here := [name for name in names if self._home(name) == index]:
                try:
                    async with self.answering():
                        told = await self.client(index).pubsub_numsub(*here)
                except Unsupported:
                    continue
                counts |= {name: int(count) for name, (_, count) in zip(here, told, strict=True)}
        return [
            Reach(count=counts[name], unit=Unit.PROCESSES) if name in counts else None
            for name in names
        ]

    async def groups(self, wanted: Callable[[str], bool] = every) -> AsyncIterator[GroupState]:
        """Yield each wanted group that a process subscribes to, host by host."""
        start = group_channel(self._prefix, "")
        for index in range(len(self.hosts)):
            async with self.answering():
                client = self.client(index)
                channels = await client.pubsub_channels(f"{escaped(start)}*")
                counts: Any = await client.pubsub_numsub(*channels) if channels else []
            for channel, count in counts:
                group = channel.decode(errors="backslashreplace").removeprefix(start)
                if count and wanted(group):
                    yield GroupState(
                        group=group, count=int(count), unit=Unit.PROCESSES, processes=int(count)
                    )

    def listen(self, watched: "Watched") -> AbstractAsyncContextManager[Arrivals]:
        """Watch the groups by a pattern subscription: nobody's count changes."""
        from chatops.layers.listening.feed import heard  # noqa: PLC0415 - a listener's alone

        return heard(self.feed(watched))

    def feed(self, watched: "Watched") -> "Feed":
        """Return what `listen` hears: bytes off the wire."""
        from chatops.layers.listening import subscription  # noqa: PLC0415 - a listener's alone

        return subscription.groups_subscription(self, watched, self._prefix, self._home)

    async def passing(self) -> Sequence[tuple[str, "Arrival"]]:
        """Return what is sent under the prefix in a moment, with each one's Redis channel."""
        from chatops.layers.broker.queued import passing_messages  # noqa: PLC0415 - rarely needed

        return await passing_messages(self)

    def sending(self, told: Callable[[str], None] = ignore) -> AbstractAsyncContextManager[Sending]:
        """Send to many groups, no faster than the server can pass it on to each process."""
        from chatops.layers.sending.pubsub import publishing  # noqa: PLC0415 - a broadcast's alone
        from chatops.layers.sending.shipped import as_shipped  # noqa: PLC0415

        return publishing(self, told) if as_shipped(self.layer) else super().sending(told)

    def check_channel(self, channel: str) -> None:
        """Raise `BadValue` for a bad name, and for one that is a group's here."""
        super().check_channel(channel)
        if channel.startswith(start := group_channel(self._prefix, "")):
            group = channel.removeprefix(start)
            raise BadValue(f"{channel!r} carries the group {group!r}: use `broadcast` and `tail`.")

    def receiving(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        """Watch the channel: who else receives there gets all of it, too."""
        from chatops.layers.listening.feed import heard  # noqa: PLC0415 - a listener's alone
        from chatops.layers.listening.subscription import channel_subscription  # noqa: PLC0415

        return heard(channel_subscription(self, channel, self._home))

    def broker_probes(self) -> Mapping["Rule", Callable[[], Awaitable["Finding"]]]:
        """Return what can be asked of the servers."""
        from chatops.layers.broker.pubsub import pubsub_probes  # noqa: PLC0415 - a check's alone

        return pubsub_probes(self)

    def settings_findings(self) -> list["Finding"]:
        """Say what the numbers of the hosts' databases do to this layer."""
        from chatops.checks.hosts import UNWAITING, database  # noqa: PLC0415 - a check's alone
        from chatops.layers.hazards import databases  # noqa: PLC0415
        from chatops.model.rules.settings import IDLE  # noqa: PLC0415

        pools = map(self.pool, range(len(self.hosts)))
        return [IDLE.ok(UNWAITING), database(databases(pools), self._prefix)]
