"""`channels_redis.pubsub`: groups are Redis channels, and nothing is stored."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

from channels_redis.utils import _consistent_hash, decode_hosts
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chatops.checks.hosts import UNWAITING, database
from chatops.errors import BadValue, LayerAway, Unsupported
from chatops.layers.base import PATIENCE, Arrivals, every
from chatops.layers.hazards import databases
from chatops.layers.redis import AWAY, RedisAdapter, let_go, until_answered
from chatops.layers.spelling import escaped, group_channel
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.room import GroupState, Reach, Unit
from chatops.model.rules.rule import Rule
from chatops.model.rules.settings import IDLE

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

    def listen(self, group: str) -> AbstractAsyncContextManager[Arrivals]:
        """Watch the group by a pattern subscription: nobody's count changes."""
        return self._watching(group_channel(self._prefix, group))

    def check_channel(self, channel: str) -> None:
        """Raise `BadValue` for a bad name, and for one that is a group's here."""
        super().check_channel(channel)
        if channel.startswith(start := group_channel(self._prefix, "")):
            group = channel.removeprefix(start)
            raise BadValue(f"{channel!r} carries the group {group!r}: use `broadcast` and `tail`.")

    def receiving(self, channel: str) -> AbstractAsyncContextManager[Arrivals]:
        """Watch the channel: who else receives there gets all of it, too."""
        return self._watching(channel)

    @asynccontextmanager
    async def _watching(self, channel: str) -> AsyncIterator[Arrivals]:
        pool = self.pool(self._home(channel))
        # A connection that came back by itself would hide that messages were missed.
        pool.connection_kwargs.update(retry=Retry(NoBackoff(), 0), retry_on_error=[])
        client = Redis(connection_pool=pool)
        try:
            subscription = await self._subscribed(client, channel)
            yield self._watch(client, channel, subscription)
        finally:
            await client.aclose(close_connection_pool=True)

    async def _watch(self, client: Redis, channel: str, subscription: PubSub) -> Arrivals:
        while True:
            try:
                with self._translated():
                    message = await subscription.get_message(
                        ignore_subscribe_messages=True, timeout=PATIENCE
                    )
                if message is not None:
                    yield [self.arrival(message["data"])]
            except LayerAway:
                yield [AWAY]
                await subscription.aclose()  # type: ignore[no-untyped-call] # redis-py's
                subscription, hole = await until_answered(lambda: self._subscribed(client, channel))
                yield [hole]

    async def _subscribed(self, client: Redis, channel: str) -> PubSub:
        """Subscribe, and return once the server has said so."""
        subscription = client.pubsub()
        async with self.answering():
            await subscription.psubscribe(escaped(channel))
            while not await subscription.get_message(timeout=PATIENCE):
                continue
        return subscription

    def broker_probes(self) -> Mapping[Rule, Callable[[], Awaitable[Finding]]]:
        """Return what can be asked of the servers."""
        from chatops.layers.broker.pubsub import pubsub_probes  # noqa: PLC0415 - a check's alone

        return pubsub_probes(self)

    def settings_findings(self) -> list[Finding]:
        """Say what the numbers of the hosts' databases do to this layer."""
        pools = map(self.pool, range(len(self.hosts)))
        return [IDLE.ok(UNWAITING), database(databases(pools), self._prefix)]
