"""What is made sure of before a broadcast's first byte goes out."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from broadcasts import CHAT, collected, say, words
from brokers import broker as started
from channels.generic.websocket import AsyncWebsocketConsumer

from chatops.conf import Conf
from chatops.errors import BadValue, Refused
from chatops.model.event import Saying, read_event
from chatops.model.order import Guarded, Order, skipped
from chatops.model.target import Aim
from chatops.operations.alike import alike
from chatops.operations.broadcast import broadcast
from chatops.operations.guard import handled, intact
from chatops.project.handlers import Consumer
from chatops.project.words import words as project_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis

    from chatops.layers.base import LayerAdapter


class Chat(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(f"chat_{self.scope['room']}", self.channel_name)


class News(AsyncWebsocketConsumer):  # type: ignore[misc]
    groups = ["news"]  # noqa: RUF012 - as Channels documents it


class Anywhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.channel_layer.group_add(self.scope["group"], self.channel_name)


class Nowhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    pass


def consumer(cls: type, *handled: str, lenient: bool = False) -> Consumer:
    return Consumer(cls.__name__, frozenset(handled), lenient, cls)


CHATS = consumer(Chat, "chat_message")
HELLO = {"type": "chat.message"}


# ---------------------------------------------------------------- handlers


@pytest.mark.parametrize("type_", ["chat.massage", "websocket.disconnect", "close"])
async def test_a_type_that_no_consumer_handles_is_refused_and_the_nearest_named(
    memory: LayerAdapter, type_: str
) -> None:
    with pytest.raises(Refused, match=r"'chat.message' of chat.ChatConsumer"):
        await collected(say(memory, "lobby", event={"type": type_}))


@pytest.mark.parametrize(
    "other",
    [consumer(News, "news_item"), consumer(Nowhere), consumer(Anywhere, lenient=True)],
    ids=lambda each: each.name,
)
def test_who_cannot_be_in_the_group_need_not_handle_it(other: Consumer) -> None:
    handled(HELLO, [CHATS, other], "chat_lobby")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (consumer(Chat, "chat_massage"), "Chat joins 'chat_lobby', and does not handle"),
        (consumer(Anywhere, "chat_massage"), "Which groups Anywhere joins cannot be read"),
    ],
    ids=["shares the group", "may share the group"],
)
def test_who_may_be_in_the_group_and_does_not_handle_it_is_named(
    other: Consumer, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refused:
        handled(HELLO, [CHATS, other], "chat_lobby")

    assert "Nearest: 'chat.massage' of " in str(refused.value)
    assert "--force handlers" in refused.value.told


def test_where_nobody_joins_the_group_by_itself_one_that_handles_it_is_enough() -> None:
    handled(HELLO, [consumer(Nowhere, "chat_message"), consumer(News)], "chat_lobby")


def test_where_nobody_handles_it_nobody_may_be_there() -> None:
    with pytest.raises(Refused, match="No consumer"):
        handled(HELLO, [consumer(News), consumer(Nowhere)], "chat_lobby")


class Shown(Chat):
    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send(event["message"])


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([], r"Shown handles 'chat.message' by event\['message'\], which the event has not"),
        ([CHATS], r"Shown joins 'chat_lobby', and reads event\['message'\]"),
    ],
    ids=["alone", "beside another"],
)
def test_a_field_that_a_handler_reads_and_the_event_has_not_is_named(
    others: list[Consumer], said: str
) -> None:
    shown = consumer(Shown, "chat_message")

    with pytest.raises(Refused, match=said):
        handled(HELLO, [shown, *others], "chat_lobby")
    handled({**HELLO, "message": "hi"}, [shown, *others], "chat_lobby")


@pytest.mark.parametrize(("event", "helps"), [({}, False), ({"message": "hi"}, True)])
def test_another_type_is_advised_only_where_its_handler_finds_its_fields(
    event: dict[str, Any],
    helps: bool,  # noqa: FBT001
) -> None:
    with pytest.raises(Refused, match=r"Nearest: 'chat\.message'") as refused:
        handled({"type": "chat.system", **event}, [consumer(Shown, "chat_message")], "chat_lobby")

    assert ("--type" in refused.value.told) is helps


async def test_one_room_that_is_refused_stops_them_all(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    aim = Aim(words=["chat_lobby", "news"], is_group=True)

    with pytest.raises(Refused, match="News joins 'news'"):
        await collected(
            broadcast(layer, words(consumers=[CHATS, consumer(News)]), aim, Saying(message="hello"))
        )
    await app.layer.send(channel, {"type": "first"})

    assert (await app.layer.receive(channel))["type"] == "first"


async def test_what_is_skipped_is_told(memory: LayerAdapter) -> None:
    order = Order(skip=skipped(["handlers", "control"]))

    told = await collected(
        say(memory, "lobby", message="a\x07", event={"type": "t{message}"}, order=order)
    )

    assert [each.note for each in told[:2]] == [
        "--force: control not looked at.",
        "--force: handlers not looked at.",
    ]
    assert told[-1].skipped == ("control", "handlers")
    assert told[-1].handlers_checked is False


def test_what_cannot_be_skipped_is_told_with_what_can() -> None:
    with pytest.raises(BadValue, match="frob: there is no such check; there are handlers, size"):
        skipped(["handlers", "frob"])


@pytest.mark.parametrize(
    ("consumers", "unknown"), [((CHAT,), ("codec",)), ((), ("codec", "handlers"))]
)
async def test_what_could_not_be_looked_at_is_told(
    layer: LayerAdapter, consumers: tuple[Consumer, ...], unknown: tuple[str, ...]
) -> None:
    [*_, summary] = await collected(say(layer, "lobby", consumers=consumers))

    assert summary.unknown == unknown
    assert summary.handlers_checked is bool(consumers)


def test_only_who_hears_this_layer_is_asked() -> None:
    here, elsewhere = (project_words(Conf(), alias).consumers for alias in ("default", "other"))

    assert "chat.consumers.Room" in [each.name for each in here]
    assert elsewhere == []


# ---------------------------------------------------------------- control


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\x7f", "\x9b", "\r"])
async def test_a_control_character_is_refused(memory: LayerAdapter, letter: str) -> None:
    with pytest.raises(Refused, match=r"as its letter 3\. Leave it out, or --force control"):
        await collected(say(memory, "lobby", message=f"ab{letter}"))


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"text": "{message}", "from": ["a", {"b": "c\x1b"}]}, "The event's 'b' has a control"),
        ({"a\x07": 1}, "A name in the event has a control"),
        ({"from": ["ab\x00"]}, "The event's 'from' has a control character, '\\\\x00'"),
    ],
)
async def test_a_control_character_anywhere_in_the_event_is_refused(
    memory: LayerAdapter, event: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        await collected(say(memory, "lobby", event={"type": "chat.message", **event}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "t", "a": "\\ud800"}', r"The event has \\ud800, which is no character"),
        ('{"type": "t", "a": 1e999}', "1e999 is too large a number"),
    ],
)
def test_an_event_that_no_json_can_say_is_malformed(text: str, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        read_event(text)


def test_a_message_of_bytes_that_are_no_text_is_malformed() -> None:
    with pytest.raises(BadValue, match=r"The message has \\udcff, which is no character"):
        Saying(message="a\udcff")


async def test_lines_and_tabs_are_no_harm(memory: LayerAdapter) -> None:
    [*_, summary] = await collected(say(memory, "lobby", message="a\n\tb"))

    assert summary.rooms == 1


# ---------------------------------------------------------------- the serializer


@pytest.mark.parametrize(
    "value",
    [object(), {1: "int keys"}, {None: "none key"}, ("a", "tuple"), 2**70, [{"deep": (1,)}]],
)
async def test_an_event_that_does_not_survive_the_serializer_is_refused(
    layer: LayerAdapter, value: object
) -> None:
    with pytest.raises(Refused, match="serializer"):
        await intact(layer, {"type": "chat.message", "v": value})


async def test_a_broadcast_that_does_not_survive_is_refused(layer: LayerAdapter) -> None:
    with pytest.raises(Refused, match="serializer"):
        await collected(say(layer, "lobby", event={"type": "chat.message", "{room}": {1: 2}}))


async def test_what_survives_is_not_refused(layer: LayerAdapter) -> None:
    await intact(layer, {"type": "t", "v": [1, 1.0, True, None, {"ä": [math.nan, math.inf]}]})


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), ([1], (1,)), ({"a": [1]}, {"a": [1.0]}), ([1], [1, 1]), ({}, {"a": 1})],
)
def test_what_a_consumer_could_tell_apart_is_not_alike(one: object, other: object) -> None:
    assert not alike(one, other)


# ---------------------------------------------------------------- size


async def test_an_event_that_the_server_would_not_take_is_refused(settings: Any, kind: str) -> None:
    with started("--proto-max-bulk-len", "1mb") as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            with pytest.raises(Refused, match=r"takes 1,048,576 at the most\. .* --force size"):
                await collected(say(layer, "lobby", message="x" * 1_100_000))


@pytest.mark.parametrize("kind", ["pubsub"])
async def test_an_event_that_would_cut_off_every_subscriber_is_refused(
    settings: Any, kind: str
) -> None:
    with started("--client-output-buffer-limit", "pubsub 100kb 0 0") as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            with pytest.raises(Refused, match="takes 102,400 at the most"):
                await collected(say(layer, "lobby", message="x" * 110_000))


async def test_where_the_server_does_not_tell_its_limits_nobody_is_stopped(
    settings: Any, kind: str
) -> None:
    with started() as server:
        url = server.user("ann", "+@all", "~*", "&*", "-config")
        async with opened(configure(settings, kind, url)) as layer:
            [room, summary] = await collected(say(layer, "lobby", message="x" * 70_000))

    assert room.reason == "nobody is in it"
    assert "size" in summary.unknown


# ---------------------------------------------------------------- codec


@pytest.mark.parametrize("kind", ["core"])
async def test_what_is_queued_by_another_key_stops_it(
    settings: Any, server: Any, broker: redis.Redis, kind: str
) -> None:
    configure(settings, kind, server.url, symmetric_encryption_keys=["theirs"])
    app = Application("default")
    channel = await app.join("chat_lobby")
    await app.layer.send(channel, {"type": "t"})
    configure(settings, kind, server.url, symmetric_encryption_keys=["ours"])
    async with opened("default") as layer:
        with pytest.raises(Refused, match=r"specific\..*!' is not readable .*--force codec"):
            await collected(say(layer, "lobby"))
        forced = Order(skip=frozenset({Guarded.CODEC}))
        [*_, room, _] = await collected(say(layer, "lobby", order=forced))
    await app.leave()
    await app.layer.flush()

    assert room.status == "sent"


async def test_what_is_queued_by_ourselves_is_no_obstacle(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    await app.layer.send(channel, {"type": "t"})

    [room, _] = await collected(say(layer, "lobby", consumers=[CHAT]))
    for _ in range(2):
        await app.layer.receive(channel)

    assert room.status == "sent"


PROVE = Order(must_prove=True)


async def test_where_it_must_be_proved_silence_is_no_proof(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    with pytest.raises(Refused, match="say --same-codec"):
        await collected(say(layer, "lobby", order=PROVE))
    await app.layer.send(channel, {"type": "first"})

    assert (await app.layer.receive(channel))["type"] == "first"


@pytest.mark.parametrize("kind", ["core"])
async def test_what_is_queued_is_proof_enough(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    await app.layer.send(channel, {"type": "t"})

    [room, summary] = await collected(say(layer, "lobby", order=PROVE))
    got = [(await app.layer.receive(channel))["type"] for _ in range(2)]

    assert (room.status, summary.unknown, got) == ("sent", (), ["t", "chat.message"])


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("key", ["ours", "theirs"])
async def test_what_passes_by_proves_it_or_stops_it(
    settings: Any, server: Any, broker: redis.Redis, kind: str, key: str
) -> None:
    configure(settings, kind, server.url, symmetric_encryption_keys=[key])
    app = Application("default")
    channel = await app.join("chat_lobby")
    configure(settings, kind, server.url, symmetric_encryption_keys=["ours"])

    async def talk() -> None:
        while True:
            await app.layer.group_send("chat_other", {"type": "t"})
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    async with opened("default") as layer:
        [*told] = await collected(caught(say(layer, "lobby", order=PROVE)))
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    if key == "ours":
        assert (await app.layer.receive(channel))["type"] == "chat.message"
    await app.leave()
    await app.layer.flush()

    assert isinstance(told[-1], Refused) is (key == "theirs")


async def caught(values: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Yield what ends it, too."""
    try:
        async for value in values:
            yield value
    except Refused as error:
        yield error
