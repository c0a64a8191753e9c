"""What people see while the broker is away."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import servers
from redis import Redis
from talking import group_send, join, until

from chat.broker import layer as chat_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from talking import Talk

Pair = tuple[servers.Valkey, servers.Site, servers.Site]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as running:
        yield running


@pytest.fixture(params=["pubsub", "core"])
def pair(request: pytest.FixtureRequest, stack: ExitStack) -> Pair:
    """Two server processes with a broker of their own and one database."""
    broker = stack.enter_context(servers.valkey())
    one = stack.enter_context(servers.site(broker.url, layer=request.param))
    database = one.env["DATABASE_URL"]
    two = stack.enter_context(servers.site(broker.url, layer=request.param, database_url=database))
    return broker, one, two


async def test_without_the_broker_everybody_goes_on_hearing_everybody(pair: Pair) -> None:
    broker, *sites = pair
    async with join(sites[0]) as one, join(sites[1]) as two:
        broker.kill()
        receipt = await said(one, "said while it is away")
        heard = await said(two, "said while it is away", ask=False)
        broker.start()
        await said(two, "and after")
        after = await said(one, "and after", ask=False)

    assert (receipt["number"], receipt["ref"], heard["number"]) == (1, "r1", 1)
    assert after["number"] == 2


async def test_a_page_is_told_that_the_broker_is_away_and_that_it_is_back(pair: Pair) -> None:
    broker, one, _ = pair
    async with join(one) as talk:
        broker.kill()
        await talk.send({"message": "anybody?"})
        away = await frame(talk, "state")
        broker.start()
        back = await frame(talk, "state")

    assert (away["broker"], back["broker"]) == ("away", "here")


async def test_whoever_comes_while_the_broker_is_away_is_let_in(pair: Pair) -> None:
    broker, one, _ = pair
    broker.kill()
    async with join(one) as talk:
        heard = await said(talk, "is this on?")

    assert heard["number"] == 1


async def test_a_broker_that_keeps_silent_counts_as_away(pair: Pair) -> None:
    broker, one, two = pair
    broker.freeze()
    try:
        async with join(one) as talk, join(two) as other:
            await talk.send({"message": "is this on?"})
            heard = await said(other, "is this on?", ask=False)
    finally:
        broker.thaw()

    assert heard["number"] == 1


async def test_what_is_sent_to_the_group_is_heard_again_once_the_broker_is_back(
    pair: Pair,
) -> None:
    broker, one, _ = pair
    async with join(one) as talk:
        broker.kill()
        broker.start()  # empty: on core, the group is gone

        async def heard() -> bool:
            await asyncio.to_thread(
                group_send, one, "chat_lobby", {"type": "chat.system", "text": "Back in 5"}
            )
            await talk.send({"ping": True})
            kinds = []
            while "pong" not in kinds:
                kinds.append((await talk.next())["type"])
            return "system" in kinds

        await until(heard)
        pong = await talk.ask({"ping": True})

    assert pong["type"] in {"pong", "state", "system"}


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


async def said(talk: Talk, text: str, *, ask: bool = True) -> dict[str, Any]:
    """Say a text unless somebody else does, and return it when it is heard."""
    if ask:
        await talk.send({"message": text, "ref": "r1"})
    while (heard := await frame(talk, "message"))["message"] != text:
        pass
    return heard


async def frame(talk: Talk, kind: str) -> dict[str, Any]:
    while (heard := await talk.next())["type"] != kind:
        pass
    return heard
