"""Consumers say whether they have written what was broadcast."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from broadcasts import collected, say, words
from channels.generic.websocket import (
    AsyncJsonWebsocketConsumer,
    AsyncWebsocketConsumer,
    WebsocketConsumer,
)
from channels.layers import channel_layers, get_channel_layer
from channels.testing import WebsocketCommunicator
from tutorial import CONSUMER
from websockets.sync.client import connect
from workers import workers

from chatops.consumers import ReceiptMixin, receipt
from chatops.errors import BadValue, Exit
from chatops.layers.inside import own
from chatops.layers.receipts import Asked, answer, asked
from chatops.model.event import Saying
from chatops.model.order import Order
from chatops.model.result import Note
from chatops.model.target import Aim
from chatops.operations.broadcast import broadcast_lines
from chatops.operations.receipts import Receipts
from chatops.operations.rooms import list_rooms
from chatops.project.handlers import _consumer
from chatops.project.rooms import Template
from chatops.rendering.paint import Paint
from chatops.rendering.sent import sent_line

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import redis
    from servers import Valkey
    from tutorial import Tutorial

    from chatops.layers.base import LayerAdapter

ASKING = Order(ack=60.0)
BRIEFLY = Order(ack=1.0)


class Later(ReceiptMixin, AsyncWebsocketConsumer):
    """Joins the room in its path; has its own mind about some messages."""

    over: asyncio.Event

    async def connect(self) -> None:
        self.group = self.scope["path"].strip("/")
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, _: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def chat_message(self, event: dict[str, Any]) -> None:
        if event["text"].startswith("fail"):
            raise ValueError("a handler that fails")
        if event["text"].startswith("hang") and self.scope["query_string"] == b"hang":
            await self.over.wait()
        await self.send(json.dumps(event))


class Mute(AsyncWebsocketConsumer):
    connect = Later.connect
    disconnect = Later.disconnect

    async def chat_message(self, _: dict[str, Any]) -> None:
        await self.send("heard")


class Both(Later):
    """Is in another room, too."""

    async def connect(self) -> None:
        await super().connect()
        await self.channel_layer.group_add("chat_other", self.channel_name)

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard("chat_other", self.channel_name)
        await super().disconnect(code)


class Json(ReceiptMixin, AsyncJsonWebsocketConsumer):
    connect = Later.connect
    disconnect = Later.disconnect

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send_json(event)


class InThreads(ReceiptMixin, WebsocketConsumer):
    def connect(self) -> None:
        self.groups = [self.scope["path"].strip("/")]
        super().connect()
        async_to_sync(self.channel_layer.group_add)(self.groups[0], self.channel_name)

    def chat_message(self, event: dict[str, Any]) -> None:
        self.send(json.dumps(event))


@asynccontextmanager
async def sockets(cls: Any, *paths: str) -> AsyncIterator[list[WebsocketCommunicator]]:
    """Open sockets in this process, as a server does."""
    Later.over = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_quiet)
        opened = []
        for path in paths:
            socket = WebsocketCommunicator(cls.as_asgi(), path)
            assert (await socket.connect(timeout=60))[0]
            stack.push_async_callback(_close, socket)
            opened.append(socket)
        stack.callback(Later.over.set)
        yield opened


async def _close(socket: WebsocketCommunicator) -> None:
    with suppress(Exception):
        await socket.disconnect(timeout=60)


async def _quiet() -> None:
    if hasattr(layer := channel_layers["default"], "flush"):
        await layer.flush()


@pytest.mark.parametrize("cls", [Later, Json, InThreads])
async def test_every_socket_that_wrote_it_is_counted_in_its_room(
    layer: LayerAdapter, cls: type
) -> None:
    async with sockets(cls, "/chat_lobby/", "/chat_lobby/", "/chat_other/") as opened:
        [lobby, other, *_, summary] = await collected(say(layer, "lobby", "other", order=ASKING))
        heard = [json.loads(await each.receive_from(60)) for each in opened]

    assert [(each.receipt.wrote, each.receipt.of) for each in (lobby, other)] == [(2, 2), (1, 1)]
    assert (lobby.exit, summary.wrote, summary.exit) == (Exit.DONE, 3, Exit.DONE)
    assert [each.keys() for each in heard] == [{"type", "text"}] * 3


async def test_a_handler_that_fails_has_not_written_it(layer: LayerAdapter) -> None:
    async with sockets(Later, "/chat_lobby/", "/chat_lobby/"):
        [room, *_, summary] = await collected(say(layer, "lobby", message="fail", order=ASKING))

    assert (room.receipt.wrote, room.receipt.failed, room.receipt.of) == (0, 2, 2)
    assert (summary.unconfirmed, summary.exit) == (1, Exit.NO)


async def test_a_socket_that_hangs_is_missing(layer: LayerAdapter) -> None:
    async with sockets(Later, "/chat_lobby/", "/chat_lobby/?hang"):
        [room, *_, summary] = await collected(say(layer, "lobby", message="hang", order=BRIEFLY))

    assert (room.receipt.wrote, room.receipt.of) == (1, 2)
    assert (summary.unconfirmed, summary.exit) == (1, Exit.PARTLY)


async def test_where_nobody_answers_the_mixin_is_named(layer: LayerAdapter) -> None:
    async with sockets(Mute, "/chat_lobby/"):
        [room, *_, note, summary] = await collected(say(layer, "lobby", order=Order(ack=0.1)))

    assert (room.receipt.answered, room.exit, summary.exit) == (0, Exit.NO, Exit.NO)
    assert isinstance(note, Note)
    assert "ReceiptMixin" in note.note
    assert "within 0.1 s" in note.note
    assert "longer than --ack" in note.note


async def test_a_process_that_does_not_answer_is_missing(
    layer: LayerAdapter, kind: str, server: Valkey, broker: redis.Redis
) -> None:
    with workers(1, server.url, "chat_lobby", kind=kind) as [other]:
        other.freeze()
        async with sockets(Later, "/chat_lobby/"):
            [room, *_, summary] = await collected(say(layer, "lobby", order=BRIEFLY))
    broker.flushall()

    assert (room.receipt.wrote, room.receipt.answered, room.receipt.expected) == (1, 1, 2)
    # On core each answers for itself; on pubsub nobody knows how many the frozen one has.
    assert room.receipt.of == {"core": 2, "pubsub": None}[kind]
    assert (room.exit, summary.exit) == (Exit.PARTLY, Exit.PARTLY)


async def test_a_process_that_is_in_the_room_once_answers_for_its_sockets(
    layer: LayerAdapter,
) -> None:
    channel_layer = get_channel_layer()
    channel = await channel_layer.new_channel()
    await channel_layer.group_add("chat_lobby", channel)

    async def hub() -> None:
        await receipt(await channel_layer.receive(channel), 3, group="chat_lobby")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hub())
        [room, *_, summary] = await collected(say(layer, "lobby", order=ASKING))
    await channel_layer.group_discard("chat_lobby", channel)
    await _quiet()

    assert (room.receipt.wrote, room.receipt.of, room.receipt.answered) == (3, None, 1)
    assert (summary.wrote, summary.exit) == (3, Exit.DONE)


@pytest.fixture
async def hub(layer: LayerAdapter) -> AsyncIterator[Any]:
    """Whoever is in the room once for many sockets, and gets one event."""
    channel_layer = get_channel_layer()
    channel = await channel_layer.new_channel()
    await channel_layer.group_add("chat_lobby", channel)
    yield lambda: channel_layer.receive(channel)
    await channel_layer.group_discard("chat_lobby", channel)
    await _quiet()


async def test_a_socket_behind_a_process_that_did_not_get_it_is_missing(
    layer: LayerAdapter, hub: Any
) -> None:
    async def answers() -> None:
        await receipt(await hub(), 3, 4, group="chat_lobby")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(answers())
        [room, *_, summary] = await collected(say(layer, "lobby", order=ASKING))

    assert (room.receipt.wrote, room.receipt.of, room.receipt.answered) == (3, 4, 1)
    assert "; 3 of 4 sockets " in sent_line(room, Paint(on=False))
    assert (summary.unconfirmed, summary.exit) == (1, Exit.PARTLY)


async def test_nobody_counts_the_sockets_of_a_process_that_is_silent(
    layer: LayerAdapter, kind: str, server: Valkey, broker: redis.Redis, hub: Any
) -> None:
    async def answers() -> None:
        await receipt(await hub(), 3, 3, group="chat_lobby")

    with workers(1, server.url, "chat_lobby", kind=kind) as [other]:
        other.freeze()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(answers())
            [room, *_] = await collected(say(layer, "lobby", order=BRIEFLY))
    broker.flushall()

    assert (room.receipt.wrote, room.receipt.of, room.receipt.answered) == (3, None, 1)
    assert room.exit is Exit.PARTLY
    assert "; 3 sockets " in sent_line(room, Paint(on=False))


def test_what_is_not_asked_for_or_comes_too_late_is_not_kept(layer: LayerAdapter) -> None:
    receipts = Receipts(layer, 1.0)
    count = {"members": 1, "wrote": 1, "failed": 0, "here": None, "of": None}

    receipts._count({"process": "a", "answers": [{"token": "chat_lobby", **count}]})

    assert receipts._heard == {}


async def test_that_the_hearing_was_cut_meanwhile_is_said(
    layer: LayerAdapter, kind: str, broker: redis.Redis
) -> None:
    if kind != "pubsub":
        pytest.skip("what is cut here is a subscription")

    async with sockets(Mute, "/chat_lobby/") as [socket]:
        saying = asyncio.ensure_future(collected(say(layer, "lobby", order=Order(ack=3.0))))
        assert await socket.receive_from(60) == "heard"
        broker.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        rows = await saying

    assert any(
        "Answers may have been lost: " in each.note for each in rows if isinstance(each, Note)
    )


@pytest.mark.parametrize("odd", [{"wrote": "1"}, {"wrote": -1}, {"members": None}, {"of": 1.5}])
def test_one_odd_answer_spoils_its_event_and_is_not_half_counted(
    memory: LayerAdapter, odd: Any
) -> None:
    receipts = Receipts(memory, 1.0)
    receipts.expect(["chat_lobby"], {})
    count = {"token": "chat_lobby", "members": 1, "wrote": 1, "failed": 0, "here": None, "of": None}

    with pytest.raises(BadValue, match="not an answer"):
        receipts._count({"process": "a", "answers": [count, {**count, **odd}]})

    assert receipts._heard == {"chat_lobby": {}}


async def test_what_was_sent_earlier_is_not_asked_again_and_that_is_said(
    layer: LayerAdapter, tmp_path: Path
) -> None:
    async with sockets(Mute, "/chat_lobby/"):
        for _ in range(2):
            order = Order(ack=0.1)
            rows = await collected(say(layer, "lobby", order=order, resume=tmp_path / "journal"))

    assert "--ack: those sent earlier are not asked again." in [
        each.note for each in rows if isinstance(each, Note)
    ]


async def test_each_line_is_answered_for_itself(layer: LayerAdapter) -> None:
    async def lines() -> AsyncIterator[Saying]:
        for message in ("fine", "fail"):
            yield Saying(message=message)

    async with sockets(Later, "/chat_lobby/"), sockets(Json, "/chat_lobby/"):
        aim = Aim(words=["lobby"])
        rows = await collected(broadcast_lines(layer, words(), aim, lines(), ASKING))

    assert [(each.receipt.wrote, each.receipt.failed) for each in rows[:2]] == [(2, 0), (1, 1)]
    assert rows[-1].wrote == 3


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Is set when an answer has come."""
    came = asyncio.Event()
    count = Receipts._count

    def counted(self: Receipts, body: dict[str, Any]) -> None:
        count(self, body)
        came.set()

    monkeypatch.setattr(Receipts, "_count", counted)
    return came


async def test_a_socket_that_takes_its_time_is_waited_for(
    layer: LayerAdapter, answered: asyncio.Event
) -> None:
    async with sockets(Later, "/chat_lobby/", "/chat_lobby/?hang"):
        saying = asyncio.ensure_future(collected(say(layer, "lobby", message="hang", order=ASKING)))
        await answered.wait()
        Later.over.set()
        [room, *_, summary] = await saying

    assert (room.receipt.wrote, room.receipt.of, summary.exit) == (2, 2, Exit.DONE)


async def test_what_was_answered_is_told_when_it_is_interrupted(
    layer: LayerAdapter, answered: asyncio.Event
) -> None:
    rows: list[Any] = []

    async def run() -> None:
        async for row in say(layer, "lobby", message="hang", order=ASKING):
            rows.append(row)  # noqa: PERF401 - as they come

    async with sockets(Later, "/chat_lobby/", "/chat_lobby/?hang"):
        running = asyncio.create_task(run())
        await answered.wait()
        running.cancel()
        await asyncio.wait([running])

    assert running.cancelled()
    assert (rows[0].receipt.wrote, rows[0].receipt.of, rows[-1].sent) == (1, 2, 1)


@pytest.mark.parametrize("kind", ["core"])
async def test_a_process_of_a_core_layer_is_asked_once_for_all_of_its_rooms(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    channel_layer = get_channel_layer()
    rooms = [f"r{number}" for number in range(200)]  # twice its capacity
    for room in rooms:
        channel = await channel_layer.new_channel()
        await channel_layer.group_add(f"chat_{room}", channel)

    order, event = Order(ack=0.1), {"type": "chat.message", "text": "{message}"}
    *_, summary = await collected(say(layer, *rooms, event=event, order=order))

    assert (summary.sent, summary.dropped, summary.unconfirmed) == (200, 0, 200)
    assert broker.zcard(f"asgi{channel.partition('!')[0]}!") == 1
    await _quiet()


@pytest.mark.parametrize("kind", ["core"])
async def test_who_does_not_say_which_room_is_told_in_its_log(
    layer: LayerAdapter, hub: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def answers() -> None:
        await receipt(await hub(), 3)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(answers())
        [room, *_] = await collected(say(layer, "lobby", order=Order(ack=0.1)))

    assert room.receipt.answered == 0
    assert "receipt() was not told the event's group" in caplog.text


async def test_a_socket_in_two_rooms_answers_in_each(layer: LayerAdapter) -> None:
    async with sockets(Later, "/chat_lobby/"), sockets(Both, "/chat_lobby/"):
        rows = await collected(say(layer, "lobby", "other", order=ASKING))

    assert [(each.receipt.wrote, each.receipt.of) for each in rows[:2]] == [(2, 2), (1, 1)]


# ---------------------------------------------------------------- the question


async def test_an_event_with_a_receipt_of_its_own_cannot_ask(layer: LayerAdapter) -> None:
    event = {"type": "chat.message", "text": "paid", "receipt": "4711"}

    with pytest.raises(BadValue, match="--ack: the event has a field 'receipt' of its own"):
        await collected(say(layer, "lobby", event=event, order=ASKING))


@pytest.mark.parametrize("own_field", ["4711", {"to": "me", "token": "x"}])
async def test_a_receipt_of_the_applications_own_is_left_alone(
    layer: LayerAdapter, own_field: Any
) -> None:
    event = {"type": "chat.message", "text": "paid", "receipt": own_field}

    async with sockets(Later, "/chat_lobby/") as [socket]:
        await layer.group_send("chat_lobby", event)
        heard = json.loads(await socket.receive_from(60))

    assert heard == event


async def test_the_group_of_the_answers_is_listed_for_those_alone_who_ask(
    memory: LayerAdapter,
) -> None:
    await memory.group_add("chatops.receipt.0123", await memory.new_channel())

    all_rooms = await collected(list_rooms(memory, Template("", ""), "*"))
    asked_for = await collected(list_rooms(memory, Template("", ""), "chatops.receipt.*"))

    assert all_rooms == []
    assert [each.group for each in asked_for] == ["chatops.receipt.0123"]


async def test_the_answers_of_a_process_are_one_event(memory: LayerAdapter) -> None:
    layer = own("default").layer
    channel = await layer.new_channel()
    await layer.group_add("chatops.receipt.0123", channel)

    for group in ("chat_a", "chat_a", "chat_b"):
        answer(layer, Asked("chatops.receipt.0123", group), wrote=1)
    event = await layer.receive(channel)

    assert [(each["token"], each["wrote"]) for each in event["answers"]] == [
        ("chat_a", 2),
        ("chat_b", 1),
    ]


async def test_what_is_no_answer_changes_nothing(layer: LayerAdapter) -> None:
    async with sockets(Later, "/chat_lobby/"):
        async with asyncio.TaskGroup() as tasks:
            channel_layer = get_channel_layer()
            channel = await channel_layer.new_channel()
            await channel_layer.group_add("chat_lobby", channel)

            async def rude() -> None:
                event = await channel_layer.receive(channel)
                to = event["receipt"]["to"]
                await channel_layer.group_send(to, {"type": "chatops.receipt", "answers": [1]})
                await channel_layer.group_send(to, {"type": "chatops.receipt", "answers": None})
                answer(channel_layer, asked(event, "chat_lobby"), wrote=1)

            tasks.create_task(rude())
            [room, *_] = await collected(say(layer, "lobby", order=ASKING))
        await channel_layer.group_discard("chat_lobby", channel)

    assert room.receipt.wrote == 2


# ---------------------------------------------------------------- the mixin


def test_the_mixin_behind_the_class_of_channels_is_refused() -> None:
    with pytest.raises(TypeError, match="ReceiptMixin must come before"):
        type("Wrong", (AsyncWebsocketConsumer, ReceiptMixin), {})


def test_the_mixin_hides_from_no_guard_what_is_handled() -> None:
    consumer = _consumer(Later)

    assert not consumer.lenient
    assert consumer.handles("chat.message")
    assert not consumer.handles("chat.system")
    assert not consumer.handles("dispatch")


def test_a_command_waits_for_the_answers_of_a_real_server(tutorial: Tutorial, kind: str) -> None:
    before = "class ChatConsumer("
    mixed = f"from chatops.consumers import ReceiptMixin\n\n\n{before}ReceiptMixin, "
    (tutorial.folder / "chat/consumers.py").write_text(CONSUMER.replace(before, mixed))
    tutorial.start()
    with ExitStack() as stack:
        for _ in range(3):
            origin: Any = f"http://127.0.0.1:{tutorial.port}"
            address = f"{tutorial.ws_url}/lobby/"
            stack.enter_context(connect(address, origin=origin, open_timeout=60))
        done = tutorial.chatops("broadcast", "lobby", "hi", "--ack", "60s")
        in_json = tutorial.chatops("broadcast", "lobby", "hi", "--ack", "60s", "--json")

    reached = {
        "core": "reached 3 members; 3 of 3 sockets wrote it",
        "pubsub": "reached 1 process; 3 of 3 sockets in 1 of 1 process wrote it",
    }
    assert done.stdout.splitlines()[0] == f"sent    lobby  {reached[kind]}"
    assert "; 3 sockets wrote it" in done.stdout.splitlines()[-1]
    [room, summary] = map(json.loads, in_json.stdout.splitlines())
    assert (room["receipt"]["wrote"], summary["wrote"], summary["unconfirmed"]) == (3, 3, 0)
    assert (done.returncode, in_json.returncode) == (0, 0)
