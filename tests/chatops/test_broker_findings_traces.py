"""Traces of others on the same broker: another kind, prefix, database, key or serializer."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from application import BACKENDS, Application, configure, opened
from findings import one, one_of
from servers import wait_until
from workers import workers

from chatops.model.finding import Status
from chatops.model.rules import broker as rules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import redis
    from servers import Valkey

only = pytest.mark.parametrize


@pytest.fixture
def emptied(broker: redis.Redis) -> Iterator[redis.Redis]:
    """The broker, on which killed processes may leave what they leave."""
    yield broker
    broker.flushall()


@asynccontextmanager
async def subscriber(settings: Any, url: str, **config: Any) -> AsyncIterator[Application]:
    """A process on the pubsub layer with a member in a group; the settings stay as they were."""
    before = settings.CHANNEL_LAYERS
    app = Application(configure(settings, "pubsub", url, **config))
    settings.CHANNEL_LAYERS = before
    try:
        await app.join("chat_a")
        yield app
    finally:
        await app.leave()
        await app.layer.flush()


# ---------------------------------------------------------------- another kind


async def test_pubsub_subscriptions_beside_a_core_layer_are_told(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "core", server.url)
    alone = await one_of("default", rules.OTHER_KIND)
    async with subscriber(settings, server.url, prefix="shop"):
        other_prefix = await one_of("default", rules.OTHER_KIND)
    async with subscriber(settings, server.url):
        mixed = await one_of("default", rules.OTHER_KIND)

    assert alone.status is other_prefix.status is Status.OK
    assert mixed.status is Status.WARN
    assert mixed.detail.startswith("core in this process, pubsub in another")
    assert "asgi__group__chat_a" in mixed.detail


async def test_core_keys_in_use_beside_a_pubsub_layer_are_told(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "pubsub", server.url)
    with workers(1, server.url, "chat_a", prefix="shop"):
        other_prefix = await one_of("default", rules.OTHER_KIND)
    with workers(1, server.url, "chat_a"):
        wait_until(lambda: emptied.info("clients")["blocked_clients"], "a worker that waits")
        mixed = await one_of("default", rules.OTHER_KIND)

    assert other_prefix.status is Status.OK
    assert mixed.status is Status.WARN
    assert mixed.detail.startswith("pubsub in this process, core in another")


async def test_core_keys_that_nobody_uses_any_more_are_quiet(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "pubsub", server.url)
    with workers(1, server.url, "chat_a") as [killed]:
        killed.kill()
        wait_until(lambda: not emptied.info("clients")["blocked_clients"], "the server to notice")
        finding = await one_of("default", rules.OTHER_KIND)

    assert finding.status is Status.OK


async def test_a_project_that_uses_both_kinds_itself_is_quiet(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "core", server.url)
    settings.CHANNEL_LAYERS["live"] = {"BACKEND": BACKENDS["pubsub"]}
    async with subscriber(settings, server.url):
        finding = await one_of("default", rules.OTHER_KIND)

    assert finding.status is Status.OK
    assert "'live'" in finding.detail


# ---------------------------------------------------------------- another prefix or database


async def test_nobody_anywhere_is_quiet(
    broker: redis.Redis, server: Valkey, settings: Any, kind: str
) -> None:
    finding = await one_of(configure(settings, kind, server.url), rules.ELSEWHERE)

    assert finding.status is Status.OK


@only(("prefix", "status"), [("shop", Status.WARN), ("asgi", Status.OK)])
async def test_a_pubsub_layer_that_only_others_use_is_told(
    emptied: redis.Redis, server: Valkey, settings: Any, prefix: str, status: Status
) -> None:
    configure(settings, "pubsub", server.url)
    async with (
        subscriber(settings, server.url, prefix="shop"),
        subscriber(settings, server.url, prefix=prefix),
    ):
        finding = await one_of("default", rules.ELSEWHERE)

    assert finding.status is status
    assert ("prefix 'shop'" in finding.detail) is (status is Status.WARN)


@only(("prefix", "database"), [("shop", 0), ("shop", 3), ("asgi", 3)])
async def test_a_core_layer_that_only_others_use_is_told(
    emptied: redis.Redis, server: Valkey, settings: Any, prefix: str, database: int
) -> None:
    configure(settings, "core", server.url)
    there = server.url.replace("db=0", f"db={database}")
    with workers(1, there, "chat_a", prefix=prefix):
        finding = await one_of("default", rules.ELSEWHERE)
        with workers(1, server.url, "chat_a"):
            in_use = await one_of("default", rules.ELSEWHERE)

    assert finding.status is Status.WARN
    assert f"1 has one under prefix {prefix!r} in database {database}" in finding.detail
    assert in_use.status is Status.OK


@only(("database", "status"), [(0, Status.OK), (3, Status.WARN)])
async def test_a_prefix_that_was_chosen_keeps_other_projects_apart(
    emptied: redis.Redis, server: Valkey, settings: Any, database: int, status: Status
) -> None:
    other = "shop" if database == 0 else "mine"
    there = server.url.replace("db=0", f"db={database}")
    configure(settings, "core", server.url, prefix="mine")
    with workers(1, there, "chat_a", prefix=other):
        core = await one_of("default", rules.ELSEWHERE)
    configure(settings, "pubsub", server.url, prefix="mine")
    async with subscriber(settings, server.url, prefix="shop"):
        pubsub = await one_of("default", rules.ELSEWHERE)

    assert (core.status, pubsub.status) == (status, Status.OK)
    assert "shop" in pubsub.detail


async def test_keys_that_look_like_groups_and_are_none_are_quiet(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    emptied.set("shop:group:a", "text")
    emptied.zadd("shop:group:b", {"alice": 9e9})
    emptied.zadd("shop:group:chatops.probe.x", {f"specific.{'a' * 32}!{'b' * 32}": 9e9})

    finding = await one_of(configure(settings, "core", server.url), rules.ELSEWHERE)

    assert finding.status is Status.OK


# ---------------------------------------------------------------- another key or serializer


@only(
    ("config", "status"),
    [
        ({}, Status.OK),
        ({"serializer_format": "json"}, Status.FAIL),
        ({"symmetric_encryption_keys": ["another"]}, Status.FAIL),
        ({"prefix": "asgi2", "serializer_format": "json"}, Status.NONE),
    ],
)
async def test_what_passes_on_the_pubsub_layer_is_decoded(
    emptied: redis.Redis, server: Valkey, settings: Any, config: dict[str, Any], status: Status
) -> None:
    configure(settings, "pubsub", server.url)
    async with subscriber(settings, server.url, **config) as app, opened("default") as layer:
        talking = asyncio.ensure_future(talk(app))
        finding = await one(layer, rules.CODEC)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)

    assert finding.status is status, finding
    assert finding.status is not Status.FAIL or "chat_a" in finding.detail


async def talk(app: Application) -> None:
    while True:
        await app.layer.group_send("chat_a", {"type": "real"})


async def test_silence_on_the_pubsub_layer_is_no_pass(
    broker: redis.Redis, server: Valkey, settings: Any
) -> None:
    finding = await one_of(configure(settings, "pubsub", server.url), rules.CODEC)

    assert finding.status is Status.NONE
