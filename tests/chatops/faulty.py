"""Channel layers that work, but for one thing each."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections import Counter
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import ConnectionError as Cut

LARGE = 100_000


class Lossy(InMemoryChannelLayer):  # type: ignore[misc]
    """Loses every tenth message."""

    count = 0

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.count += 1
        if self.count % 10:
            await super().send(channel, message)


class Slow(InMemoryChannelLayer):  # type: ignore[misc]
    """Takes 50 ms for each message."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)
        await super().send(channel, message)


class Forgetful(InMemoryChannelLayer):  # type: ignore[misc]
    """Leaves out the last member of a group."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for channel in list(self.groups[group])[:-1]:
            await self.send(channel, message)


class Clinging(InMemoryChannelLayer):  # type: ignore[misc]
    """Keeps who has left."""

    async def group_discard(self, group: str, channel: str) -> None: ...


class Breaking(InMemoryChannelLayer):  # type: ignore[misc]
    """Raises what nobody expects."""

    async def group_discard(self, group: str, channel: str) -> None:
        raise ZeroDivisionError(group, channel)


class Rounding(InMemoryChannelLayer):  # type: ignore[misc]
    """Turns booleans into numbers."""

    async def receive(self, channel: str) -> dict[str, Any]:
        came = await super().receive(channel)
        flat = came.get("nothing", [])
        came.update(nothing=[int(each) if each is True else each for each in flat])
        return dict(came)


class Swapping(InMemoryChannelLayer):  # type: ignore[misc]
    """Lets every message overtake the eleventh of a channel."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sent: Counter[str] = Counter()
        self.held: list[tuple[str, dict[str, Any]]] = []

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.sent[channel] += 1
        self.held.append((channel, message))
        if self.sent[channel] != 11:
            while self.held:
                await super().send(*self.held.pop())


class Doubling(InMemoryChannelLayer):  # type: ignore[misc]
    """Delivers everything twice."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        for _ in range(2):
            await super().send(channel, message)


class Leaking(InMemoryChannelLayer):  # type: ignore[misc]
    """Takes groups for the same whose names differ in case alone."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for other in list(self.groups):
            if other.casefold() == group.casefold():
                await super().group_send(other, message)


class Swallowing(InMemoryChannelLayer):  # type: ignore[misc]
    """Loses what is large, without a word."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        if len(message.get("text", "")) < LARGE:
            await super().send(channel, message)


class Refusing(InMemoryChannelLayer):  # type: ignore[misc]
    """Says no to what is large."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        if len(message.get("text", "")) > LARGE:
            raise OSError("too long for me")
        await super().send(channel, message)


class Quoting(InMemoryChannelLayer):  # type: ignore[misc]
    """Quotes what it does not take."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        if message.get("text"):
            raise ValueError(message)
        await super().send(channel, message)


class Slipping(InMemoryChannelLayer):  # type: ignore[misc]
    """Has a mistake in its own code."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        raise KeyError(message["host"], channel)


class OneLoop(InMemoryChannelLayer):  # type: ignore[misc]
    """Belongs to the event loop that sent by it first."""

    loop: asyncio.AbstractEventLoop | None = None

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.loop = self.loop or asyncio.get_running_loop()
        if self.loop is not asyncio.get_running_loop():
            raise RuntimeError("attached to a different loop")
        await super().group_send(group, message)


class Impatient(InMemoryChannelLayer):  # type: ignore[misc]
    """Gives up a receive after a second, as redis-py 8 does after five."""

    async def receive(self, channel: str) -> dict[str, Any]:
        try:
            async with asyncio.timeout(1):
                return dict(await super().receive(channel))
        except TimeoutError as error:
            raise ConnectionError("Timeout reading from socket") from error


class Bottomless(InMemoryChannelLayer):  # type: ignore[misc]
    """Never says that a queue is full."""

    def get_capacity(self, channel: str) -> int:
        del channel
        return self.said

    said = 30

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self.said = 0  # an asyncio.Queue without a limit
        try:
            await super().send(channel, message)
        finally:
            self.said = 30


class Narrow(InMemoryChannelLayer):  # type: ignore[misc]
    """Is full before its capacity."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        if channel in self.channels and self.channels[channel].qsize() >= 60:
            raise ChannelFull(channel)
        await super().send(channel, message)


class Deaf(RedisPubSubChannelLayer):  # type: ignore[misc]
    """Never subscribes again."""

    def _get_layer(self) -> Any:
        layer = super()._get_layer()
        for shard in layer._shards:
            shard._do_receiving = functools.partial(self._until_cut, shard)
        return layer

    async def _until_cut(self, shard: Any) -> None:
        while True:
            if not shard._pubsub.subscribed:
                await asyncio.sleep(0.01)
                continue
            with contextlib.suppress(Cut):
                shard._receive_message(
                    await shard._pubsub.get_message(ignore_subscribe_messages=True, timeout=0.1)
                )
                continue
            return


class Everlasting(RedisChannelLayer):  # type: ignore[misc]
    """Never lets a message expire."""

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await super().send(channel, message)
        key = self.prefix + self.non_local_name(channel)
        await self.connection(self.consistent_hash(channel)).persist(key)
