"""What people see while the broker is away."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import servers
from redis import Redis
from talking import join, until
from websockets.exceptions import ConnectionClosed

from chat import layer as chat_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from talking import Talk

Fragile = tuple[servers.Valkey, servers.Site]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


def fragile(stack: ExitStack, layer: str) -> Fragile:
    broker = stack.enter_context(servers.valkey())
    return broker, stack.enter_context(servers.site(broker.url, layer=layer))


async def test_a_message_that_cannot_be_sent_is_refused_and_the_socket_stays(
    stack: ExitStack,
) -> None:
    broker, site = fragile(stack, "pubsub")
    async with join(site) as talk:
        broker.kill()
        refused = await talk.ask({"message": "lost?", "ref": "r1"})
        broker.start()
        heard = asyncio.create_task(first_message(talk))
        async with asyncio.timeout(60):
            while not heard.done():
                # What is sent before the layer has subscribed again reaches nobody.
                await talk.send({"message": "again", "ref": "r2"})
                await asyncio.wait([heard], timeout=0.5)

    assert (refused["code"], refused["ref"]) == ("unavailable", "r1")
    assert heard.result() == "again"


@pytest.mark.parametrize("layer", ["pubsub", "core"])
async def test_whoever_comes_while_the_broker_is_away_is_told_to_come_back(
    stack: ExitStack, layer: str
) -> None:
    broker, site = fragile(stack, layer)
    broker.kill()

    async with join(site, path="/ws/chat/lobby/") as talk:
        refused = await talk.next()
        code = await talk.closed()

    assert (refused["code"], code) == ("unavailable", 4503)
    assert "Traceback" not in site.log


@pytest.mark.parametrize("layer", ["pubsub", "core"])
async def test_a_broker_that_keeps_silent_counts_as_away(stack: ExitStack, layer: str) -> None:
    broker, site = fragile(stack, layer)
    broker.freeze()
    async with join(site, path="/ws/chat/lobby/") as talk:
        refused = await talk.next()
        code = await talk.closed()
    broker.thaw()
    await until(lambda: comes_in(site))

    assert (refused["code"], code) == ("unavailable", 4503)


async def test_no_call_to_the_layer_is_awaited_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_layer, "PATIENCE", 0.01)

    call = asyncio.create_task(chat_layer.patiently(asyncio.Event().wait()))
    await asyncio.wait([call], timeout=30)

    assert isinstance(call.exception(), chat_layer.AWAY)


async def test_whoever_leaves_a_room_leaves_its_group(core_chat: servers.Site) -> None:
    with Redis.from_url(core_chat.env["REDIS_URL"]) as redis:
        async with join(core_chat, "left"):
            during = redis.zcard("asgi:group:chat_left")

        async def nobody() -> bool:
            return not redis.exists("asgi:group:chat_left")

        await until(nobody)

    assert during == 1


async def test_a_socket_on_core_is_closed_to_come_back_when_the_broker_dies(
    stack: ExitStack,
) -> None:
    broker, site = fragile(stack, "core")
    async with join(site) as talk:
        broker.kill()
        code = await talk.closed()
        broker.start()
        await until(lambda: comes_in(site))

    assert code == 4503


async def first_message(talk: Talk) -> str:
    while (frame := await talk.next())["type"] != "message":
        pass
    return str(frame["message"])


async def comes_in(site: servers.Site) -> bool:
    async with join(site, page=False) as talk:
        try:
            return (await talk.ask({"message": "back"})).get("type") == "message"
        except ConnectionClosed:
            return False
