"""Channel layers that chatops has never heard of."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer


class Extended(RedisPubSubChannelLayer):  # type: ignore[misc]
    """A subclass of a known layer."""


class TellingCore(RedisChannelLayer):  # type: ignore[misc]
    """Sends in a way of its own."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self.told: list[str] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.told.append(group)
        await super().group_send(group, message)


class TellingPubSub(RedisPubSubChannelLayer):  # type: ignore[misc]
    """The same on the other layer."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self.told: list[str] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.told.append(group)
        await self._get_layer().group_send(group, message)


class Unknown:
    """The public interface, and nothing else."""

    def __init__(self) -> None:
        self.queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.members: dict[str, list[str]] = {}

    async def new_channel(self) -> str:
        name = f"specific!{uuid.uuid4().hex}"
        self.queues[name] = asyncio.Queue()
        return name

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self.queues[channel].put(dict(message))

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.queues[channel].get()

    async def group_add(self, group: str, channel: str) -> None:
        self.members.setdefault(group, []).append(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.members[group].remove(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for channel in self.members.get(group, ()):
            await self.send(channel, message)


class Boom(Exception):
    """A stranger's own exception, with a secret in its text."""


class Failing(Unknown):
    """A layer that always fails."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        del group, message
        raise Boom("no redis://ann:secret@host")
