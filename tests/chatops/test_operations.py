"""What the operations do, on real layers."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from servers import valkey

from chatops.conf import Conf
from chatops.errors import BadValue, Exit, LayerAway, Refused, TimeRanOut
from chatops.model.broadcast import Broadcast, Sent, Summary
from chatops.model.message import Gap, Message, Ready
from chatops.model.room import Reach, Unit
from chatops.model.target import Target
from chatops.operations.broadcast import broadcast
from chatops.operations.rooms import list_rooms
from chatops.operations.tail import tail
from chatops.project.handlers import Consumer
from chatops.project.rooms import room_names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis

    from chatops.layers.base import LayerAdapter

LOBBY = Target(room="lobby", group="chat_lobby")
CHAT = Consumer("chat.ChatConsumer", frozenset({"chat_message"}))
NAMES = room_names(Conf())


def hello(target: Target) -> dict[str, Any]:
    return {"type": "chat.message", "text": f"hello {target}"}


async def collected(values: AsyncIterator[Any]) -> list[Any]:
    return [value async for value in values]


# ---------------------------------------------------------------- broadcast


async def test_a_broadcast_arrives_and_says_whom_it_reached(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    *rooms, summary = await collected(broadcast(layer, [LOBBY], hello, [CHAT]))

    assert (await app.layer.receive(channel))["text"] == "hello lobby"
    assert [(each.status, each.reach.count, each.dropped) for each in rooms] == [(Sent.SENT, 1, 0)]
    assert (summary.rooms, summary.sent, summary.failed) == (1, 1, 0)
    assert summary.exit is Exit.DONE


async def test_an_empty_room_is_a_failure(memory: LayerAdapter) -> None:
    [room, summary] = await collected(broadcast(memory, [LOBBY], hello, [CHAT]))

    assert room.status is Sent.EMPTY
    assert room.reach == Reach(count=0, unit=Unit.MEMBERS)
    assert summary.exit is Exit.NO


async def test_some_empty_rooms_make_it_partial(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    other = Target(room="other", group="chat_other")

    [*_, summary] = await collected(broadcast(layer, [other, LOBBY], hello, [CHAT]))

    assert summary.exit is Exit.PARTLY
    await app.layer.receive(channel)


@pytest.mark.parametrize("type_", ["chat.massage", "websocket.disconnect", "close"])
async def test_a_type_that_no_consumer_handles_is_refused_and_the_nearest_named(
    layer: LayerAdapter, app: Application, type_: str
) -> None:
    await app.join("chat_lobby")

    with pytest.raises(Refused, match=r"'chat.message' of chat.ChatConsumer"):
        await collected(broadcast(layer, [LOBBY], lambda _: {"type": type_}, [CHAT]))


@pytest.mark.parametrize(
    "value", [object(), {1: "int keys"}, {None: "none key"}, ("a", "tuple"), 2**70]
)
async def test_an_event_that_does_not_survive_the_serializer_is_refused(
    layer: LayerAdapter, value: object
) -> None:
    with pytest.raises(Refused, match="serializer"):
        await collected(
            broadcast(layer, [LOBBY], lambda _: {"type": "chat.message", "v": value}, [CHAT])
        )


async def test_nothing_is_sent_where_one_target_is_refused(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    channel = await app.join("chat_lobby")
    wrong = Target(room="a b", group="chat_a b")

    with pytest.raises(BadValue, match="'chat_a b'"):
        await collected(broadcast(layer, [LOBBY, wrong], hello, [CHAT]))
    await app.layer.send(channel, {"type": "first"})

    assert (await app.layer.receive(channel))["type"] == "first"


@pytest.mark.parametrize("kind", ["core"])
async def test_a_full_queue_is_told_as_dropped(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    for _ in range(100):
        await app.layer.send(channel, {"type": "t"})

    [room, summary] = await collected(broadcast(layer, [LOBBY], hello, [CHAT]))

    assert (room.status, room.dropped, summary.exit) == (Sent.DROPPED, 1, Exit.NO)
    assert "1 full queue dropped it" in room.reason


async def test_a_broker_that_goes_away_in_the_middle_is_told_per_room(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            app = Application("default")
            await app.join("chat_lobby")
            other = Target(room="other", group="chat_other")
            told: list[Any] = []
            async for value in broadcast(layer, [LOBBY, other], hello, [CHAT]):
                told.append(value)
                if isinstance(value, Broadcast) and value.room == "lobby":
                    server.kill()

    assert [(each.room, each.status) for each in told[:2]] == [
        ("lobby", Sent.SENT),
        ("other", Sent.FAILED),
    ]
    assert told[2].exit is Exit.PARTLY


async def test_a_room_named_twice_is_reached_once(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")

    [room, summary] = await collected(broadcast(layer, [LOBBY, LOBBY], hello, [CHAT]))
    await app.layer.receive(channel)

    assert (room.status, summary.rooms) == (Sent.SENT, 1)


# ---------------------------------------------------------------- tail


async def test_tail_yields_what_is_sent_after_it_was_ready(
    layer: LayerAdapter, app: Application
) -> None:
    got: list[Any] = []
    async for value in tail(layer, LOBBY, count=2):
        got.append(value)
        if isinstance(value, Ready):
            for number in range(2):
                await app.layer.group_send("chat_lobby", {"type": "t", "number": number})

    assert [type(each) for each in got] == [Ready, Message, Message]
    assert [each.body for each in got[1:]] == [
        {"type": "t", "number": 0},
        {"type": "t", "number": 1},
    ]
    assert (got[1].room, got[1].type) == ("lobby", "t")


async def test_tail_ends_when_its_time_is_over(layer: LayerAdapter) -> None:
    [ready] = await collected(tail(layer, LOBBY, seconds=0.2))

    assert isinstance(ready, Ready)


async def test_tail_says_when_the_time_was_over_before_the_count(layer: LayerAdapter) -> None:
    with pytest.raises(TimeRanOut, match=r"0 of 3 messages came within 0\.2 s"):
        await collected(tail(layer, LOBBY, count=3, seconds=0.2))


async def test_a_broker_that_comes_back_is_a_gap_and_not_an_end(settings: Any, kind: str) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            got: list[Any] = []
            sender = Application("default")
            async for value in tail(layer, LOBBY, count=1, seconds=60):
                got.append(value)
                if isinstance(value, Ready):
                    server.kill()
                    server.start()
                if isinstance(value, Gap) and value.seconds is not None:
                    await sender.layer.group_send("chat_lobby", {"type": "t"})
            await sender.layer.flush()

    assert [type(each) for each in got] == [Ready, Gap, Gap, Message]
    assert [each.reason for each in got[1:3]] == [
        "the layer does not answer",
        "the layer did not answer",
    ]
    assert got[1].seconds is None
    assert got[2].seconds is not None


@pytest.mark.parametrize("kind", ["core"])
async def test_a_server_that_hangs_is_a_gap_too(
    settings: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.base.PATIENCE", 2.0)  # more than the blocking pop takes
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            got: list[Any] = []
            async for value in tail(layer, LOBBY, seconds=60):
                got.append(value)
                if isinstance(value, Ready):
                    os.kill(server.pid, signal.SIGSTOP)
                    asyncio.get_running_loop().call_later(4, os.kill, server.pid, signal.SIGCONT)
                if isinstance(value, Gap) and value.seconds is not None:
                    break

    assert [type(each) for each in got] == [Ready, Gap, Gap]


async def test_a_server_that_stays_away_is_told_at_once_and_at_the_end(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            watching = tail(layer, LOBBY, seconds=1)
            got = [await anext(watching)]
            server.kill()
            got.append(await anext(watching))
            with pytest.raises(LayerAway, match="did not answer to the end"):
                await anext(watching)

    assert [type(each) for each in got] == [Ready, Gap]


@pytest.mark.parametrize("kind", ["core"])
async def test_a_tap_that_is_too_slow_is_a_gap_and_nobody_elses_failure(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    watching = tail(layer, LOBBY)
    assert isinstance(await anext(watching), Ready)
    for number in range(100):
        await app.layer.group_send("chat_lobby", {"type": "t", "number": number})
    for _ in range(100):
        await app.layer.receive(channel)

    [room, _] = await collected(broadcast(layer, [LOBBY], hello, [CHAT]))
    seen = [await anext(watching) for _ in range(101)]

    assert (room.status, room.dropped) == (Sent.SENT, 0)
    assert [type(each) for each in seen] == [Message] * 100 + [Gap]
    assert "we were too slow" in seen[-1].reason
    await watching.aclose()
    await app.layer.receive(channel)


# ---------------------------------------------------------------- rooms


async def test_rooms_are_matched_by_the_applications_word(
    layer: LayerAdapter, app: Application
) -> None:
    for group in ("chat_lobby", "chat_support-1", "chat_support-2", "news"):
        await app.join(group)

    found = await collected(list_rooms(layer, NAMES, "support-*"))
    everything = await collected(list_rooms(layer, NAMES, "*"))

    assert sorted(room.room for room in found) == ["support-1", "support-2"]
    assert {(room.room, room.group) for room in everything} >= {(None, "news")}
    assert len(everything) == 4


async def test_the_groups_of_a_check_are_no_rooms(layer: LayerAdapter, app: Application) -> None:
    await app.join("chatops.probe.0123")

    assert await collected(list_rooms(layer, NAMES, "*")) == []


def test_the_summary_of_everything_sent_is_done() -> None:
    assert Summary(rooms=1, sent=1, failed=0, seconds=0, handlers_checked=True).exit is Exit.DONE
