"""What stands for the application in chatops' tests: its settings and its processes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from channels.layers import channel_layers

from chatops.layers.choose import adapter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from chatops.layers.base import LayerAdapter

BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


def configure(settings: Any, kind: str, url: str, **config: object) -> str:
    host = {"address": url, "socket_timeout": None, "protocol": 2}
    entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": [host], **config}}
    settings.CHANNEL_LAYERS = {"default": entry}
    return "default"


@asynccontextmanager
async def opened(alias: str) -> AsyncIterator[LayerAdapter]:
    chosen = adapter(alias)
    try:
        yield chosen
    finally:
        await chosen.close()
        if chosen.backend == BACKENDS["pubsub"]:
            await chosen.layer.flush()  # on this layer it closes connections alone


class Application:
    """What a server process of the application is to the layer: a backend of its own."""

    def __init__(self, alias: str) -> None:
        self.layer = channel_layers.make_backend(alias)
        self._joined: list[tuple[str, str]] = []

    async def join(self, group: str) -> str:
        channel = str(await self.layer.new_channel())
        await self.layer.group_add(group, channel)
        self._joined.append((group, channel))
        return channel

    async def leave(self) -> None:
        for group, channel in self._joined:
            await self.layer.group_discard(group, channel)
        self._joined.clear()
