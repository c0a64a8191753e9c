"""What a project's own code broadcasts, and what that costs the process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from channels.layers import channel_layers, get_channel_layer
from django.utils.translation import gettext_lazy
from processes import short_folder
from tutorial import Tutorial
from websockets.sync.client import connect

import chatops
from chatops.consumers import receipt
from chatops.errors import BadValue, Exit, LayerAway, Refused, UnknownLayer
from chatops.model.broadcast import Sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis

HEAVY = {"asyncio", "django", "channels", "redis", "typer", "rich", "chatops.api", "chatops.layers"}
VIEW = """
from django.http import JsonResponse
from django.urls import path
import chatops


def say(request):
    report = chatops.broadcast_sync("lobby", request.GET["message"])
    return JsonResponse({"ok": report.ok, "reach": report.rooms[0].reach.count})


urlpatterns = [path("say", say)]
"""


def loaded(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_the_package_is_light_until_it_is_called() -> None:
    assert loaded("import chatops") & HEAVY == set()
    assert loaded("import chatops.consumers") & (HEAVY - {"asyncio", "chatops.layers"}) == set()


def test_what_the_package_does_not_offer_is_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'brodcast'"):
        chatops.brodcast  # type: ignore[attr-defined] # noqa: B018


@pytest.fixture
def in_memory(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
async def on_a_broker(broker: redis.Redis, configured: str) -> AsyncIterator[None]:
    yield
    await channel_layers[configured].flush()


async def joined(group: str) -> str:
    layer = get_channel_layer()
    channel = str(await layer.new_channel())
    await layer.group_add(group, channel)
    return channel


async def test_a_broadcast_in_memory_reaches_the_same_process(in_memory: None) -> None:
    channel = await joined("chat_lobby")

    report = await chatops.broadcast("lobby", "Back in 5", level="warning", sender="Ann")

    event = await get_channel_layer().receive(channel)
    assert (event["text"], event["level"], event["from"]) == ("Back in 5", "warning", "Ann")
    assert ([each.status for each in report.rooms], report.ok) == ([Sent.SENT], True)
    assert (report.summary.sent, report.exit) == (1, Exit.DONE)


async def test_an_empty_room_is_in_the_report(in_memory: None) -> None:
    await joined("chat_lobby")

    report = await chatops.broadcast(["lobby", "nowhere"], "Back in 5")

    assert [each.status for each in report.rooms] == [Sent.SENT, Sent.EMPTY]
    assert (report.ok, report.exit) == (False, Exit.PARTLY)


async def test_a_glob_is_all_that_match_but_the_exceptions(in_memory: None) -> None:
    for group in ("chat_a1", "chat_a2", "chat_b"):
        await joined(group)

    report = await chatops.broadcast("*", "Closing", but=["b*"])

    assert {each.room for each in report.rooms} == {"a1", "a2"}


async def test_a_type_that_nobody_handles_is_refused_and_not_sent(in_memory: None) -> None:
    channel = await joined("chat_lobby")

    with pytest.raises(Refused, match=r"'chat\.sistem'"):
        await chatops.broadcast("lobby", "Back in 5", type="chat.sistem")
    forced = await chatops.broadcast("lobby", "x", type="chat.sistem", force=["handlers"])

    assert (await get_channel_layer().receive(channel))["text"] == "x"
    assert (forced.summary.skipped, forced.notes) == (
        ("handlers",),
        ("--force: handlers not looked at.",),
    )


async def test_a_plan_sends_nothing(in_memory: None) -> None:
    channel = await joined("news")
    event = {"type": "chat.system", "text": "hi"}

    report = await chatops.broadcast("news", event=event, group=True, dry_run=True)

    assert (report.rooms[0].event, report.summary.planned) == (event, 1)
    assert get_channel_layer().channels.get(channel) is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"event": {"type": "chat.system"}, "message": "hi"}, "`event` is the whole event"),
        ({"event": {"text": "hi"}}, "no text as"),
        ({"message": "hi", "level": "loud"}, "level 'loud': .* info, warning, critical"),
        ({"message": "hi", "force": ["all"]}, "--force all"),
        ({"message": " "}, "The message is empty"),
        ({"message": None}, "message: a text is needed, and not None"),
        ({"message": b"hi"}, "message: a text"),
        ({"message": "hi", "sender": 5}, "sender: a text"),
        ({"message": "hi", "type": 5}, "type: a text"),
        ({"message": "hi", "level": []}, "level \\[\\]"),
        ({"message": "hi", "but": [5]}, "but: a text"),
        ({"message": "hi", "force": 5}, "force: a text or several"),
        ({"message": "hi", "ack": 0}, "ack: a number above 0"),
        ({"message": "hi", "ack": "2s"}, "ack: a number above 0"),
        ({"message": "hi", "ack": float("inf")}, "ack: a number above 0"),
        ({"message": "hi", "rate": -1}, "rate: a number above 0"),
        ({"message": "hi", "rate": float("nan")}, "rate: a number above 0"),
        ({"event": "hi"}, "event: a mapping"),
    ],
)
async def test_what_cannot_be_meant_is_refused(in_memory: None, given: Any, told: str) -> None:
    with pytest.raises(BadValue, match=told):
        await chatops.broadcast("lobby", **given)


@pytest.mark.parametrize("rooms", [None, 5, b"lobby", ["lobby", None], {"lobby": 1}])
async def test_rooms_that_are_no_texts_are_refused_and_none_is_sent_to(
    in_memory: None, rooms: Any
) -> None:
    await joined("chat_lobby")

    with pytest.raises(BadValue, match="rooms: a text"):
        await chatops.broadcast(rooms, "hi")

    assert get_channel_layer().channels == {}


async def test_a_text_stands_for_a_list_of_one(in_memory: None) -> None:
    await joined("chat_lobby")
    await joined("chat_bar")

    report = await chatops.broadcast("*", "hi", type="x.y", but="lobby", force="handlers")

    assert [each.room for each in report.rooms] == ["bar"]


async def test_a_text_that_is_translated_late_is_sent_as_it_reads(in_memory: None) -> None:
    channel = await joined("chat_lobby")

    await chatops.broadcast("lobby", gettext_lazy("Back in 5"))

    assert (await get_channel_layer().receive(channel))["text"] == "Back in 5"


async def test_a_thread_in_memory_wakes_the_loop_of_the_sockets(in_memory: None) -> None:
    channel = await joined("chat_lobby")
    heard = asyncio.create_task(get_channel_layer().receive(channel))
    loop = asyncio.get_running_loop()
    woken = threading.Event()
    heard.add_done_callback(lambda _: woken.set())
    found: list[bool] = []

    def send() -> None:
        chatops.broadcast_sync("lobby", "Back in 5")
        found.append(woken.wait(20))
        loop.call_soon_threadsafe(int)  # so that this test ends, whatever it finds

    thread = threading.Thread(target=send)
    thread.start()
    event = await heard
    await asyncio.to_thread(thread.join)

    assert (event["text"], found) == ("Back in 5", [True])


async def test_an_unknown_layer_is_named(in_memory: None) -> None:
    with pytest.raises(UnknownLayer, match="'others'"):
        await chatops.broadcast("lobby", "hi", layer="others")


async def test_a_layer_that_is_away_raises(settings: Any) -> None:
    host = {"address": "unix:///nowhere/at/all.sock"}
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host]}}}

    with pytest.raises(LayerAway):
        await chatops.broadcast("lobby", "hi")


async def test_the_sync_twin_in_a_coroutine_says_what_to_use(in_memory: None) -> None:
    with pytest.raises(BadValue, match=r"await chatops\.broadcast"):
        chatops.broadcast_sync("lobby", "hi")


async def test_the_sync_twin_returns_the_same_report(on_a_broker: None) -> None:
    channel = await joined("chat_lobby")

    report = await asyncio.to_thread(chatops.broadcast_sync, "lobby", "Back in 5")

    assert (await get_channel_layer().receive(channel))["text"] == "Back in 5"
    assert report.ok


async def test_no_connection_is_left_behind(on_a_broker: None, broker: redis.Redis) -> None:
    channel = await joined("chat_lobby")

    async def connections() -> int:
        await chatops.broadcast("lobby", "hi", ack=0.05)
        await asyncio.to_thread(chatops.broadcast_sync, "lobby", "hi")
        for _ in range(2):
            await get_channel_layer().receive(channel)
        return len(broker.client_list())

    _, known, *more = [await connections() for _ in range(5)]  # at first the layer opens its own

    assert more == [known] * 3


async def test_broadcasts_at_the_same_time_get_their_own_answers(on_a_broker: None) -> None:
    rooms = [f"room{number}" for number in range(4)]
    layer = get_channel_layer()

    async def hub(room: str, channel: str, sockets: int) -> None:
        await receipt(await layer.receive(channel), sockets, group=f"chat_{room}")

    channels = [await joined(f"chat_{room}") for room in rooms]
    async with asyncio.TaskGroup() as tasks:
        for number, (room, channel) in enumerate(zip(rooms, channels, strict=True)):
            tasks.create_task(hub(room, channel, number + 1))
        reports = await asyncio.gather(*(chatops.broadcast(each, "hi", ack=60) for each in rooms))
    for room, channel in zip(rooms, channels, strict=True):
        await layer.group_discard(f"chat_{room}", channel)

    assert [each.summary.wrote for each in reports] == [1, 2, 3, 4]
    assert all(each.ok for each in reports)


def test_a_view_reaches_the_sockets_of_its_own_process() -> None:
    with short_folder() as folder:
        site = Tutorial(folder, "memory", "")
        (site.folder / "mysite/urls.py").write_text(VIEW)
        site.start()
        try:
            origin: Any = f"http://127.0.0.1:{site.port}"
            with connect(f"{site.ws_url}/lobby/", origin=origin, open_timeout=60) as socket:
                with urlopen(f"{origin}/say?message=hello", timeout=60) as answer:  # noqa: S310 - ours
                    told = json.load(answer)
                heard = json.loads(socket.recv(60))
        finally:
            site.stop()

    assert told == {"ok": True, "reach": 1}
    assert heard == {"message": "hello"}
