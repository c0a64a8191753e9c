"""`replay`: what was recorded is sent again, in its order and its time, where that is allowed."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from hypothesis import given
from hypothesis import strategies as st
from servers import short_folder, valkey
from tutorial import Tutorial

from chatops.conf import Conf
from chatops.errors import BadValue, Exit, LayerAway, Refused
from chatops.layers.places import beyond
from chatops.layers.sending.each import Each
from chatops.model.broadcast import Broadcast, Sent
from chatops.model.message import Gap, Message
from chatops.model.order import Guarded
from chatops.model.recorded import Began, Flaw
from chatops.operations.replay import Way, replay
from chatops.operations.timeline import timeline
from chatops.project.handlers import Consumer
from chatops.project.rooms import room_names
from chatops.project.routes import Routes
from chatops.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import redis

    from chatops.layers.base import LayerAdapter
    from chatops.model.recorded import Recorded

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = room_names(Conf())
CHAT = Consumer("chat.ChatConsumer", frozenset({"chat_message"}))
LOST = Gap(room="lobby", group="chat_lobby", seconds=1.5, reason="we were stopped", missed=7)
BAD = Flaw(line=3, lines=1, reason="cut short")


def said(text: object, after: float = 0, room: str = "lobby", **more: Any) -> Message:
    event = {"type": "chat.message", "message": text}
    at = NOW + timedelta(seconds=after)
    return Message(room, f"chat_{room}", "chat.message", event, at, 40, **more)


def way(only: str | None = None, **more: Any) -> Way:
    renamed = more.pop("renamed", {})
    return Way(route=Routes(NAMES, renamed, only), **{"speed": None, **more})


async def replayed(
    layer: LayerAdapter, recording: Sequence[Recorded | Flaw], chosen: Way | None = None
) -> list[Any]:
    return [each async for each in replay(layer, lambda: recording, chosen or way(), [CHAT])]


async def heard(app: Application, channel: str, count: int) -> list[object]:
    return [(await app.layer.receive(channel))["message"] for _ in range(count)]


# ---------------------------------------------------------------- what goes out


async def test_everything_is_sent_again_in_its_order(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")

    *rooms, done = await replayed(layer, [Began(version=1), *map(said, range(30))])

    assert await heard(app, channel, 30) == list(range(30))
    assert [(each.status, each.reach.count, each.line) for each in rooms] == [
        (Sent.SENT, 1, number) for number in range(1, 31)
    ]
    assert (done.messages, done.sent, done.exit) == (30, 30, Exit.DONE)


async def test_a_layer_that_is_sent_to_one_by_one_keeps_the_order_too(
    layer: LayerAdapter, app: Application
) -> None:
    channels = [await app.join("chat_a"), await app.join("chat_b")]
    events = [{"type": "chat.message", "message": number} for number in range(60)]

    done = await Each(layer, ["chat_a", "chat_b"] * 30).send(["chat_a", "chat_b"] * 30, events)

    assert await heard(app, channels[0], 30) == list(range(0, 60, 2))
    assert await heard(app, channels[1], 30) == list(range(1, 60, 2))
    assert list(done.reach) == [1] * 60


async def test_what_is_not_text_is_sent_as_it_was(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    value = {"bytes": b"\x00\xff", "deep": [{"": None, "n": 2**63, "f": 0.1}]}

    await replayed(layer, [said(value)])

    assert await heard(app, channel, 1) == [value]


async def test_the_pauses_are_those_of_the_recording(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    recording = [said(0), said(1, 60), said(2, 60), said(3, 90)]
    values = replay(layer, lambda: recording, way(speed=100), [CHAT])
    started = datetime.now(UTC)
    seen = [datetime.now(UTC) async for each in values if isinstance(each, Broadcast)]

    await heard(app, channel, 4)
    after = [(moment - started).total_seconds() for moment in seen]
    assert after[1] >= 0.59
    assert after[3] >= 0.89


async def test_the_time_between_two_tails_is_passed_over(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    day = 24 * 3600
    recording = [Began(version=1), said(0), Began(version=1), said(1, day), said(2, day - 3600)]

    done = (await replayed(layer, recording, way(speed=1.0)))[-1]

    assert await heard(app, channel, 3) == [0, 1, 2]
    assert done.sent == 3


async def test_rooms_can_be_left_out_and_renamed(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_rehearsal")
    recording = [said(1, room="news"), said(2), Gap(
        room="news", group="chat_news", seconds=1, reason="x"), LOST]  # fmt: skip

    room, gap, done = await replayed(layer, recording, way("lob*", renamed={"lobby": "rehearsal"}))

    assert await heard(app, channel, 1) == [2]
    assert (room.room, room.group, room.line) == ("rehearsal", "chat_rehearsal", 2)
    assert (gap, done.messages, done.gaps) == (LOST, 1, 1)


async def test_what_was_in_no_room_goes_to_its_group(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("news")
    message = said(1)._replace(room=None, group="news")

    [room, _] = await replayed(layer, [message])

    assert await heard(app, channel, 1) == [1]
    assert (room.room, room.group) == (None, "news")


async def test_gaps_and_damage_are_told_where_they_are(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    one, *rest, done = await replayed(layer, [said(1), LOST, said(2), BAD, said(3)])

    assert await heard(app, channel, 3) == [1, 2, 3]
    assert [rest[0], rest[2]] == [LOST, BAD]
    assert (one.status, done.gaps, done.flaws, done.exit) == (Sent.SENT, 1, 1, Exit.PARTLY)


async def test_what_was_unreadable_is_counted_and_not_sent(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    *rooms, done = await replayed(layer, [said("", problem="wrong key"), said(2)])

    assert await heard(app, channel, 1) == [2]
    assert [each.line for each in rooms] == [2]
    assert (done.messages, done.unreadable, done.exit) == (2, 1, Exit.PARTLY)


async def test_nothing_to_send_is_a_no(layer: LayerAdapter) -> None:
    [done] = await replayed(layer, [said(1)], way("news"))

    assert (done.messages, done.exit) == (0, Exit.NO)


async def test_an_empty_room_is_a_failure(layer: LayerAdapter) -> None:
    [room, done] = await replayed(layer, [said(1)])

    assert (room.status, done.empty, done.exit) == (Sent.EMPTY, 1, Exit.NO)


async def test_a_dry_run_sends_nothing_and_waits_for_nothing(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    one, two, done = await replayed(
        layer, [said(1), said(2, 3600)], way(dry_run=True, speed=1.0, yes_to=frozenset())
    )
    await replayed(layer, [said("really")])

    assert await heard(app, channel, 1) == ["really"]
    assert {one.status, two.status} == {Sent.PLANNED}
    assert (one.reach.count, one.bytes) == (1, layer.size(one.event))
    assert one.event == {"type": "chat.message", "message": 1}
    assert (done.planned, done.sent, done.exit) == (2, 0, Exit.DONE)


# ---------------------------------------------------------------- what does not


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"body": {"type": "chat.mesage"}}, "Nearest: 'chat.message' of chat.ChatConsumer"),
        ({"body": {"type": "chat.message", 7: "n"}}, "serializer"),
        ({"body": {"type": "***"}}, "handles '\\*\\*\\*'"),
        ({"body": {"type": 7}}, "no type"),
        ({"body": {}}, "no type"),
        ({"body": {"type": "chat.message", "message": ["\x1b[2J"]}}, "control character"),
        ({"room": None, "group": "a b"}, "'a b' is not a group's name"),
        ({"room": "a b"}, "'chat_a b' is not a group's name"),
        ({"room": "lob*"}, "'lob\\*' is not a room's name"),
    ],
)
async def test_nothing_is_sent_where_one_message_does_not_pass_the_guard(
    layer: LayerAdapter, app: Application, wrong: dict[str, Any], why: str
) -> None:
    channel = await app.join("chat_lobby")
    recording = [said("first"), LOST, said("wrong")._replace(**wrong)]

    with pytest.raises((Refused, BadValue), match=rf"Message 2 of the recording, in .*{why}"):
        await replayed(layer, recording)
    await replayed(layer, [said("last")])
    assert await heard(app, channel, 1) == ["last"]


async def test_a_room_that_is_renamed_and_was_never_met_is_mistyped(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    mistyped = way(renamed={"loby": "rehearsal"})

    with pytest.raises(BadValue, match="--map: nothing that is to be sent was in loby"):
        await replayed(layer, [said("real")], mistyped)
    await replayed(layer, [said("last")])
    assert await heard(app, channel, 1) == ["last"]


async def test_what_is_forced_goes_out_and_is_told(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")
    other = said(1)._replace(type="other", body={"type": "other", "message": 1})
    skip = frozenset({Guarded.HANDLERS})

    *_, done = await replayed(layer, [other], way(skip=skip))

    assert await heard(app, channel, 1) == [1]
    assert (done.exit, done.skipped) == (Exit.DONE, ("handlers",))


@pytest.mark.parametrize("kind", ["core"])
async def test_a_room_whose_queue_has_what_we_cannot_read_is_left_alone(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    channel = await app.join("chat_lobby")
    queue = f"asgi{channel.partition('!')[0]}!"
    broker.zadd(queue, {b"not ours": time.time()})

    with pytest.raises(Refused, match="--force codec"):
        await replayed(layer, [said(1)])
    assert broker.zcard(queue) == 1
    broker.delete(queue)


async def test_without_a_project_something_must_show_that_it_can_be_read(
    layer: LayerAdapter,
) -> None:
    with pytest.raises(Refused, match="say --same-codec"):
        await replayed(layer, [said("one")], way(must_prove=True))

    forced = way(must_prove=True, skip=frozenset({Guarded.CODEC}))
    [room, done] = await replayed(layer, [said("one")], forced)
    assert (room.status, done.skipped) == (Sent.EMPTY, ("codec",))


async def test_a_type_that_nobody_handles_speaks_of_no_option_that_replay_has_not(
    layer: LayerAdapter,
) -> None:
    odd = said("one")._replace(body={"type": "chat.massage"})

    with pytest.raises(Refused, match="Message 1 of the recording") as caught:
        await replayed(layer, [odd])

    assert "--type" not in caught.value.told
    assert "--map" in caught.value.told


async def test_a_layer_on_another_machine_must_be_named(settings: Any, kind: str) -> None:
    async with opened(configure(settings, kind, "redis://:s3cret@192.0.2.7:6379/0")) as layer:
        with pytest.raises(Refused, match=r"sends to 192\.0\.2\.7, .* say --yes-to 192\.0\.2\.7"):
            await replayed(layer, [said(1)])
        with pytest.raises(BadValue, match=r"--yes-to 192\.0\.2: this layer sends to 192\.0\.2\.7"):
            await replayed(layer, [said(1)], way(yes_to=frozenset({"192.0.2"})))


async def test_a_layer_on_this_machine_must_be_named_where_people_use_it(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    theirs = {"is_ours": False}

    with pytest.raises(Refused, match=r"sends to localhost, .*: DEBUG is false.* --yes-to loc"):
        await replayed(layer, [said(1)], way(**theirs))
    await replayed(layer, [said(2)], way(**theirs, dry_run=True))
    for number, name in enumerate(["localhost", "localhost:6379"], 3):
        await replayed(layer, [said(number)], way(**theirs, yes_to=frozenset({name})))
    assert await heard(app, channel, 2) == [3, 4]


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ({"address": "unix:///run/redis.sock"}, None),
        ({"address": "redis://localhost:6379/0"}, None),
        ({"address": "rediss://u:p@127.0.0.9:6379"}, None),
        ({"address": "redis://[::1]:6379"}, None),
        ({"host": "localhost", "port": 6379}, None),
        ({"path": "/run/redis.sock"}, None),
        ({"address": "redis://u:p@redis.example:6379"}, "redis.example"),
        ({"address": "redis://localhost.example"}, "localhost.example"),
        ({"host": "10.0.0.1"}, "10.0.0.1"),
        ({"host": "0.0.0.0"}, "0.0.0.0"),  # noqa: S104 - nobody listens
        ({"master_name": "mymaster", "sentinels": [("localhost", 26379)]}, "mymaster"),
    ],
)
def test_what_is_on_this_machine_needs_no_name(host: dict[str, Any], name: str | None) -> None:
    assert beyond([host, host]) == ([name] if name else [])


async def test_a_layer_that_goes_away_fails_what_is_left(settings: Any, kind: str) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            sender = Application("default")
            await sender.join("chat_lobby")
            recording = [said(1), LOST, said(2), LOST, said(3)]
            values = []
            async for each in replay(layer, lambda: recording, way(), [CHAT]):
                values.append(each)
                if each is LOST:
                    server.kill()

    first, second, third = (each for each in values if isinstance(each, Broadcast))
    assert first.status is Sent.SENT
    assert {second.status, third.status} <= {Sent.FAILED, Sent.UNSURE}
    assert (values[-1].sent, values[-1].exit) == (1, Exit.PARTLY)


async def test_a_layer_that_was_never_there_is_no_answer(settings: Any, kind: str) -> None:
    async with opened(configure(settings, kind, "unix:///nowhere/v.sock")) as layer:
        with pytest.raises(LayerAway):
            await replayed(layer, [said(1)])


# ---------------------------------------------------------------- the command


def record(project: Tutorial, *values: Message | Gap) -> str:
    (project.folder / "a.jsonl.gz").unlink(missing_ok=True)
    with Recorder(project.folder / "a.jsonl.gz") as recorder:
        recorder.record(values)
    return "a.jsonl.gz"


@pytest.fixture(scope="module")
def project() -> Iterator[Tutorial]:
    with valkey() as broker, short_folder() as folder:
        yield Tutorial(folder, "pubsub", broker.url)


def test_ctrl_c_says_how_far_it_came(project: Tutorial) -> None:
    file = record(project, said(1), said(2, 3600), said(3, 7200))
    running = project.background("replay", file, "--json")
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)

    done = json.loads(out)
    assert (running.returncode, err) == (130, "")
    assert (first["kind"], first["line"]) == ("broadcast", 1)
    assert (done["kind"], done["interrupted"], done["messages"]) == ("replay", True, 3)
    assert (done["empty"], done["until"]) == (1, "2026-11-23T12:00:00+00:00")


def test_a_person_reads_what_would_be_replayed(project: Tutorial) -> None:
    file = record(project, said(1), LOST, said(2))
    with (project.folder / file).open("ab") as more:
        more.write(b"\x1f\x8b\x08")
    done = project.chatops("replay", file, "--dry-run", "--map", "lobby=other")

    one, gap, two, damaged, summary = done.stdout.splitlines()
    assert [one.split()[:2], two.split()[:2]] == [["planned", "other"]] * 2
    assert gap == "── gap in lobby: 7 messages are missing in 1.5 s: we were stopped"
    assert damaged == "── damaged: line 5, and all that follows: cut short"
    assert summary == (
        "2 of 2 messages would go out; 1 gap in the recording; 1 damaged place in the recording"
    )
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.jsonl"], "'missing.jsonl' cannot be read: No such file or directory"),
        (["manage.py", "--speed", "max"], "'manage.py' is no recording"),
        (["manage.py", "--speed", "0x"], "'0x' is not a speed such as 2x, 0.5x or max."),
        (["manage.py", "--speed", "1e-320x"], "'1e-320x' is not a speed such as"),
        (["manage.py", "--map", "lobby"], "'lobby' is not OLD=NEW, the names of two rooms."),
        (["manage.py", "--map", "lob*=b"], "'lob*=b' is not OLD=NEW, the names of two rooms."),
        (["manage.py", "--map", "a=b", "--map", "a=c"], "--map names 'a' twice"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(project: Tutorial, words: list[str], said: str) -> None:
    done = project.chatops("replay", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


# ---------------------------------------------------------------- all of it, at any pace


@given(
    rooms=st.lists(st.sampled_from(["a", "b", "c"]), max_size=20),
    steps=st.lists(st.floats(-5, 5), min_size=20, max_size=20),
)
def test_each_room_hears_its_own_in_order(rooms: list[str], steps: list[float]) -> None:
    recording = [said(n, steps[n], room) for n, room in enumerate(rooms)]
    route = Routes(NAMES, {}, None)

    async def batches() -> list[Any]:
        return [each async for each in timeline(recording, route, 1e6)]

    found = [take for batch in asyncio.run(batches()) for take in batch]
    assert [take.message for take in found] == recording
