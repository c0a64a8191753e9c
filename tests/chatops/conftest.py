"""Real brokers and layers for chatops' tests, and a look at what was left behind."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import redis
from channels.layers import channel_layers
from servers import short_folder, valkey
from tutorial import Tutorial

from chatops.layers.choose import adapter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from servers import Valkey

    from chatops.layers.base import LayerAdapter

BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


@pytest.fixture(scope="session")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@pytest.fixture
def broker(server: Valkey) -> Iterator[redis.Redis]:
    """A client to a real broker, on which the test must leave nothing."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        yield client
        left = client.keys("*")
        watched = client.pubsub_channels("*"), client.pubsub_numpat()
    assert left == []
    assert watched == ([], 0)


@pytest.fixture(params=["core", "pubsub"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def configured(server: Valkey, kind: str, settings: Any) -> str:
    """The alias `default` on the broker, with a layer of the kind."""
    return configure(settings, kind, server.url)


def configure(settings: Any, kind: str, url: str, **config: object) -> str:
    host = {"address": url, "socket_timeout": None, "protocol": 2}
    entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": [host], **config}}
    settings.CHANNEL_LAYERS = {"default": entry}
    return "default"


@pytest.fixture
async def layer(broker: redis.Redis, configured: str) -> AsyncIterator[LayerAdapter]:
    async with opened(configured) as chosen:
        yield chosen


@pytest.fixture
async def memory(settings: Any) -> AsyncIterator[LayerAdapter]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    async with opened("default") as chosen:
        yield chosen


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


@pytest.fixture
async def app(layer: LayerAdapter) -> AsyncIterator[Application]:
    """One process of the application, with as many members as the test lets join."""
    async with AsyncExitStack() as stack:
        running = Application(layer.alias)
        stack.push_async_callback(_gone, running)
        yield running


async def _gone(running: Application) -> None:
    await running.leave()
    await running.layer.flush()


@pytest.fixture
def tutorial(server: Valkey, broker: redis.Redis, kind: str) -> Iterator[Tutorial]:
    """The tutorial's project on the broker, not yet served."""
    with short_folder() as folder:
        project = Tutorial(folder, kind, server.url)
        try:
            yield project
        finally:
            project.stop()
            broker.flushall()  # Daphne's own leftovers on core, when it is stopped
