"""Real brokers and layers for chatops' tests, and a look at what was left behind."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import redis
from application import Application, configure, opened
from servers import short_folder, valkey, wait_until
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from servers import Valkey

    from chatops.layers.base import LayerAdapter


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
        assert client.keys("*") == []
        # Who listened for a killed process leaves by itself, a moment later.
        wait_until(lambda: not client.pubsub_numpat(), "the end of subscriptions")
        assert client.pubsub_channels("*") == []


@pytest.fixture(params=["core", "pubsub"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def configured(server: Valkey, kind: str, settings: Any) -> str:
    """The alias `default` on the broker, with a layer of the kind."""
    return configure(settings, kind, server.url)


@pytest.fixture
async def layer(broker: redis.Redis, configured: str) -> AsyncIterator[LayerAdapter]:
    async with opened(configured) as chosen:
        yield chosen


@pytest.fixture
async def memory(settings: Any) -> AsyncIterator[LayerAdapter]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    async with opened("default") as chosen:
        yield chosen


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
