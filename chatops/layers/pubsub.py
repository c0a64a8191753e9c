"""`channels_redis.pubsub`: groups are Redis channels, and nothing is stored."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, ClassVar

from channels_redis.utils import _consistent_hash, decode_hosts
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chatops.errors import LayerAway
from chatops.layers.base import PATIENCE, Arrivals
from chatops.layers.redis import AWAY, RedisAdapter, until_answered
from chatops.layers.spelling import escaped, group_channel
from chatops.model.capability import Capability
from chatops.model.finding import Finding
from chatops.model.room import GroupState, Reach, Unit
from chatops.model.rules.settings import IDLE


class PubSubAdapter(RedisAdapter):
    """`channels_redis.pubsub.RedisPubSubChannelLayer`."""

    kind = "pubsub"
    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)

    def __init__(self, alias: str, backend: str) -> None:
        super().__init__(alias, backend)
        self._clients: dict[int, Redis] = {}

    @property
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""
        arguments = self.layer._args, self.layer._kwargs  # noqa: SLF001 - held by a test
        return list(decode_hosts(arguments[0][0] if arguments[0] else arguments[1].get("hosts")))

    @property
    def _prefix(self) -> str:
        return str(self.layer.prefix)

    def _client(self, index: int) -> Redis:
        """Our own client to one server, for the questions that the layer never asks."""
        if index not in self._clients:
            self._clients[index] = Redis(connection_pool=self.pool(index))
        return self._clients[index]

    def _home(self, name: str) -> int:
        return int(_consistent_hash(name, len(self.hosts)))

    async def close(self) -> None:
        """Close our own connections; the layer closes its own with the event loop."""
        for client in self._clients.values():
            await client.aclose(close_connection_pool=True)
        self._clients.clear()

    async def reach(self, group: str) -> Reach:
        """Count the processes that subscribe to the group; taps subscribe by pattern."""
        channel = group_channel(self._prefix, group)
        async with self.answering():
            counts = await self._client(self._home(channel)).pubsub_numsub(channel)
        return Reach(count=int(counts[0][1]), unit=Unit.PROCESSES)

    async def groups(self) -> AsyncIterator[GroupState]:
        """Yield each group that a process subscribes to, host by host."""
        start = group_channel(self._prefix, "")
        for index in range(len(self.hosts)):
            async with self.answering():
                client = self._client(index)
                channels = await client.pubsub_channels(f"{escaped(start)}*")
                counts: Any = await client.pubsub_numsub(*channels) if channels else []
            for channel, count in counts:
                if count:
                    group = channel.decode(errors="backslashreplace").removeprefix(start)
                    yield GroupState(
                        group=group, count=int(count), unit=Unit.PROCESSES, processes=int(count)
                    )

    def listen(self, group: str) -> AbstractAsyncContextManager[Arrivals]:
        """Watch the group by a pattern subscription: nobody's count changes."""
        return self._watching(group)

    @asynccontextmanager
    async def _watching(self, group: str) -> AsyncIterator[Arrivals]:
        channel = group_channel(self._prefix, group)
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

    def settings_findings(self) -> list[Finding]:
        """Say that this layer never waits longer than redis-py's timeout."""
        return [IDLE.ok("this layer asks its subscription every 0.1 s")]
