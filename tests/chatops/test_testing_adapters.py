"""The contract of adapters, on each of ours, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import redis
from servers import valkey

from chatops.layers.base import LayerAdapter
from chatops.model.capability import Capability
from chatops.testing import AdapterContract
from chatops.testing.proving import PROOFS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from servers import Valkey

CORE = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"


@pytest.fixture(scope="session")
def shard() -> Iterator[Valkey]:
    """A second server, for layers of several hosts."""
    with valkey() as running:
        yield running


def entry_of(backend: str, *urls: str, **config: object) -> dict[str, Any]:
    hosts = [{"address": url, "socket_timeout": None, "protocol": 2} for url in urls]
    return {"BACKEND": backend, "CONFIG": {"hosts": hosts, **config}}


class OnServers(AdapterContract):
    """An adapter whose servers can be asked what is left on them."""

    backend = CORE

    @pytest.fixture
    def servers(self, server: Valkey) -> list[Valkey]:
        return [server]

    @pytest.fixture
    def left(self, servers: list[Valkey]) -> Iterator[Callable[[], object]]:
        clients = [redis.Redis.from_url(each.url) for each in servers]
        yield lambda: [
            (client.keys("*"), client.pubsub_channels("*"), client.pubsub_numpat())
            for client in clients
        ]
        for client in clients:
            client.close()

    @pytest.fixture
    def entry(self, servers: list[Valkey]) -> Mapping[str, Any]:
        return entry_of(self.backend, *(each.url for each in servers))

    @pytest.fixture
    def away(self) -> Mapping[str, Any]:
        return entry_of(self.backend, "redis://ann:secret@127.0.0.1:1/0")


class TestCoreAdapter(OnServers):
    pass


class TestCoreAdapterOverSeveralHosts(OnServers):
    @pytest.fixture
    def servers(self, server: Valkey, shard: Valkey) -> list[Valkey]:
        return [server, shard]


class TestPubSubAdapter(OnServers):
    backend = PUBSUB


class TestPubSubAdapterOverSeveralHosts(TestCoreAdapterOverSeveralHosts):
    backend = PUBSUB


class TestTheAdapterOfAnyLayer(OnServers):
    listens_unseen = False

    def adapter(self, alias: str) -> LayerAdapter:
        return LayerAdapter(alias, self.backend)


class TestMemoryAdapter(AdapterContract):
    shared = False
    listens_unseen = False

    @pytest.fixture
    def entry(self) -> Mapping[str, Any]:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}


def test_each_capability_has_a_proof() -> None:
    assert set(PROOFS) == set(Capability)
