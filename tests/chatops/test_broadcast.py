"""What a broadcast does, on real layers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from broadcasts import collected, say, words
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as some
from servers import valkey, wait_until
from workers import bury, workers

from chatops.errors import BadValue, Exit, LayerAway, Unmatched, Unsupported
from chatops.model.broadcast import Broadcast, Sent, Summary
from chatops.model.event import Saying
from chatops.model.order import Order
from chatops.model.result import Note
from chatops.model.room import Reach, Unit
from chatops.model.target import Aim
from chatops.model.waiting import Progress
from chatops.operations.broadcast import broadcast, broadcast_lines
from chatops.operations.pace import Pace
from chatops.operations.plan import Plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis

    from chatops.layers.base import LayerAdapter
    from chatops.model.target import Found

ONE = {"type": "chat.message", "text": "{message}", "id": "{id}", "at": "{at}"}


async def test_a_broadcast_arrives_and_says_whom_it_reached(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    [room, summary] = await collected(say(layer, "lobby"))

    assert (await app.layer.receive(channel))["text"] == "hello lobby"
    assert (room.status, room.reach.count, room.dropped) == (Sent.SENT, 1, 0)
    assert (summary.rooms, summary.sent, summary.failed) == (1, 1, 0)
    assert summary.exit is Exit.DONE


async def test_an_empty_room_is_a_failure(memory: LayerAdapter) -> None:
    [room, summary] = await collected(say(memory, "lobby"))

    assert room.status is Sent.EMPTY
    assert room.reach == Reach(count=0, unit=Unit.MEMBERS)
    assert (summary.empty, summary.exit) == (1, Exit.NO)


async def test_some_empty_rooms_make_it_partial(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")

    [*_, summary] = await collected(say(layer, "other", "lobby"))

    assert summary.exit is Exit.PARTLY
    await app.layer.receive(channel)


async def test_a_room_named_twice_is_reached_once(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")

    [room, summary] = await collected(say(layer, "lobby", "lobby", "lob*"))
    await app.layer.receive(channel)

    assert (room.status, summary.rooms) == (Sent.SENT, 1)


async def test_a_full_queue_is_told_as_dropped(
    settings: Any, server: Any, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.sending.lane.PATIENCE", 0.2)
    alias = configure(settings, "core", server.url, capacity=1)
    app = Application(alias)
    channel = await app.join("chat_lobby")
    await app.layer.send(channel, {"type": "t"})
    told: list[str] = []
    async with opened(alias) as layer:
        [room, summary] = await collected(say(layer, "lobby", told=told.append))
    await app.leave()
    await app.layer.flush()

    assert (room.status, room.dropped, summary.exit) == (Sent.DROPPED, 1, Exit.NO)
    assert "1 full queue dropped it" in room.reason
    assert "full" in told[0]


# ---------------------------------------------------------------- whom it is for


async def joined(app: Application, *groups: str) -> None:
    for group in groups:
        await app.join(group)


async def test_a_glob_is_every_room_that_someone_is_in_and_no_other_group(
    layer: LayerAdapter, app: Application
) -> None:
    await joined(app, "chat_a1", "chat_a2", "chat_b", "news_a", "chatops.probe.0123")

    some_rooms = await collected(say(layer, "a*"))
    all_rooms = await collected(say(layer, "*", but=["a1", "b*"]))

    assert {each.room for each in some_rooms[:-1]} == {"a1", "a2"}
    assert [each.room for each in all_rooms[:-1]] == ["a2"]


async def test_a_glob_over_groups_leaves_out_those_of_a_check(
    layer: LayerAdapter, app: Application
) -> None:
    await joined(app, "news", "chatops.probe.0123")
    aim = Aim(words=["*"], is_group=True)

    [row, _] = await collected(broadcast(layer, words(), aim, Saying(message="hello")))

    assert (row.room, row.group) == (None, "news")


async def test_a_glob_that_matches_nobody_is_a_no(layer: LayerAdapter, app: Application) -> None:
    await joined(app, "news_a")

    with pytest.raises(Unmatched, match="Nobody is in a room that matches 'n\\*'"):
        await collected(say(layer, "n*"))


async def test_what_is_left_out_goes_also_for_rooms_that_are_named(layer: LayerAdapter) -> None:
    with pytest.raises(Unmatched, match="No room is named but not 'lob\\*'"):
        await collected(say(layer, "lobby", but=["lob*"]))


async def test_a_layer_that_cannot_list_cannot_match(settings: Any) -> None:
    backend = "faulty_layers.Layer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}}
    async with opened("default") as layer:
        layer.capabilities = frozenset()  # of this one, not of its class
        with pytest.raises(Unsupported, match="cannot list its groups"):
            await collected(say(layer, "*"))


async def test_who_is_asked_hears_what_was_found_and_may_say_no(
    layer: LayerAdapter, app: Application
) -> None:
    await joined(app, "chat_a1", "chat_a2")
    asked: list[tuple[int, Found]] = []

    async def no(count: int, found: Found) -> None:
        asked.append((count, found))
        raise BadValue("no")

    with pytest.raises(BadValue):
        await collected(say(layer, "other", "a*", agree=no))

    [(count, found)] = asked
    assert (count, found.count, found.reach, found.most) == (3, 2, 2, 1)
    assert set(found.first) == {"a1", "a2"}


async def test_nothing_is_sent_where_one_target_is_refused(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")

    with pytest.raises(BadValue, match="'chat_a b'"):
        await collected(say(layer, "lobby", "a b"))
    await app.layer.send(channel, {"type": "first"})

    assert (await app.layer.receive(channel))["type"] == "first"


@examples(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rooms=some.lists(
        some.text("abcXYZ019._-", min_size=1, max_size=90), min_size=1, max_size=5, unique=True
    ),
    text=some.text(min_size=1).filter(
        lambda text: text.strip() and text.isprintable() and text.isascii() is not None
    ),
)
async def test_any_name_gets_any_text_as_it_is(
    configured: str, broker: redis.Redis, rooms: list[str], text: str
) -> None:
    app = Application(configured)
    channels = [await app.join(f"chat_{room}") for room in rooms]
    async with opened(configured) as layer:
        *told, summary = await collected(say(layer, *rooms, message=text, event=ONE))
    got = [(await app.layer.receive(channel))["text"] for channel in channels]
    await app.leave()
    await app.layer.flush()

    assert got == [text] * len(rooms)
    assert [each.room for each in told] == rooms
    assert summary.sent == len(rooms)


# ---------------------------------------------------------------- many


@pytest.mark.parametrize("event", [ONE, {**ONE, "room": "{room}"}])
async def test_ten_thousand_rooms_get_it_once_each_with_one_id(
    layer: LayerAdapter, app: Application, event: dict[str, str]
) -> None:
    channel = await app.join("chat_r9999")
    rooms = [f"r{number}" for number in range(10_000)]

    *told, summary = await collected(say(layer, *rooms, event=event))
    got = await app.layer.receive(channel)

    assert Counter(each.status for each in told if isinstance(each, Broadcast)) == {
        Sent.SENT: 1,
        Sent.EMPTY: 9999,
    }
    assert summary.rooms == 10_000
    assert got["text"] == "hello"
    assert got.get("room", "r9999") == "r9999"


def test_a_plan_beyond_memory_is_the_same_plan() -> None:
    from chatops.model.target import Target  # noqa: PLC0415

    names = [f"g{number}" for number in range(50_000)]
    with Plan() as plan:
        new = [plan.add(Target(room=None, group=name)) for name in [*names, *names]]
        plan.keep([each._replace(event={"n": 1}) for each in next(iter(plan.batches(10)))])
        planned = [each for batch in plan.batches(999) for each in batch]

        assert (sum(new), len(plan)) == (50_000, 50_000)
        assert [each.target.group for each in planned] == names
        assert [each.place for each in planned] == list(range(50_000))
        assert [each.event for each in planned[9:11]] == [{"n": 1}, None]


async def test_a_rate_is_not_exceeded(memory: LayerAdapter) -> None:
    loop = asyncio.get_running_loop()
    since = loop.time()
    await collected(say(memory, *"abcde", order=Order(rate=8)))

    assert loop.time() - since >= 4 / 8  # two go at once


def test_progress_tells_how_long_it_takes_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("chatops.operations.pace.time.monotonic", lambda: now[0])
    pace = Pace(None, 4000)
    asyncio.run(pace.turn(1000))
    now[0] += 2

    progress = pace.progress()

    assert progress == Progress(what="1,000 of 4,000 rooms", seconds=6, per_s=500)
    assert progress.said == "1,000 of 4,000 rooms, 500 a second, 6 s left."
    assert pace.progress() is None


# ---------------------------------------------------------------- a plan alone


async def test_a_dry_run_tells_all_and_sends_nothing(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_lobby")

    [lobby, other, summary] = await collected(
        say(layer, "lobby", "other", order=Order(dry_run=True))
    )
    await app.layer.send(channel, {"type": "first"})

    assert (await app.layer.receive(channel))["type"] == "first"
    assert (lobby.status, lobby.reach.count, other.reach.count) == (Sent.PLANNED, 1, 0)
    assert lobby.event == {"type": "chat.message", "text": "hello lobby"}
    assert lobby.bytes > 20
    assert (summary.planned, summary.sent, summary.exit) == (2, 0, Exit.DONE)


# ---------------------------------------------------------------- lines


async def sayings(*texts: str) -> AsyncIterator[Saying]:
    for text in texts:
        yield Saying(message=text)


async def test_each_line_is_a_message_and_a_refused_one_stops_no_other(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("chat_lobby")
    lines = sayings("one", "t\x00wo", "three")

    told = await collected(broadcast_lines(layer, words(), Aim(words=["lobby"]), lines))
    got = [(await app.layer.receive(channel))["text"] for _ in range(2)]

    assert got == ["one lobby", "three lobby"]
    assert [each.line for each in told if isinstance(each, Broadcast)] == [1, 3]
    assert "Message 2 was not sent" in next(each.note for each in told if isinstance(each, Note))
    assert (told[-1].sent, told[-1].refused, told[-1].exit) == (2, 1, Exit.PARTLY)


async def test_a_room_that_appears_later_gets_the_lines_from_then_on(
    layer: LayerAdapter, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.operations.audience._LOOK", 0)
    await app.join("chat_a1")

    async def texts() -> AsyncIterator[Saying]:
        yield Saying(message="one")
        await app.join("chat_a2")
        yield Saying(message="two")

    told = await collected(broadcast_lines(layer, words(), Aim(words=["a*"]), texts()))

    rows = [each for each in told if isinstance(each, Broadcast)]
    assert [(each.line, each.room) for each in rows] == [(1, "a1"), (2, "a1"), (2, "a2")]


async def test_lines_wait_for_rooms_and_forget_those_that_emptied(
    layer: LayerAdapter, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.operations.audience._LOOK", 0)

    async def texts() -> AsyncIterator[Saying]:
        yield Saying(message="one")
        channel = await app.join("chat_a1")
        yield Saying(message="two")
        await app.layer.group_discard("chat_a1", channel)
        await app.join("chat_a2")
        yield Saying(message="three")

    told = await collected(broadcast_lines(layer, words(), Aim(words=["a*"]), texts()))

    rows = [(each.line, each.room, each.status) for each in told if isinstance(each, Broadcast)]
    notes = [each.note for each in told if isinstance(each, Note)]
    nobody = "Nobody is in a room that matches 'a*'."
    assert rows == [(2, "a1", Sent.SENT), (3, "a2", Sent.SENT)]
    assert notes == [
        f"{nobody} Lines are sent once somebody is.",
        f"Message 1 was not sent: {nobody}",
    ]
    assert (told[-1].refused, told[-1].empty, told[-1].exit) == (1, 0, Exit.PARTLY)


async def test_an_outage_before_anybody_is_there_ends_no_lines(
    settings: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.operations.audience._LOOK", 0)
    with valkey() as server:

        async def texts() -> AsyncIterator[Saying]:
            server.kill()
            yield Saying(message="one")
            server.start()
            yield Saying(message="two")

        async with opened(configure(settings, kind, server.url)) as layer:
            told = await collected(broadcast_lines(layer, words(), Aim(words=["a*"]), texts()))

    assert (told[-1].messages, told[-1].refused, told[-1].exit) == (2, 2, Exit.NO)


async def test_a_word_that_may_be_a_message_is_told_before_the_first_line(
    layer: LayerAdapter, app: Application
) -> None:
    await app.join("chat_lobby")
    aim = Aim(words=["lobby", "msg"])

    told = await collected(broadcast_lines(layer, words(), aim, sayings("one")))

    assert told[0] == Note(note="Nobody is in 'msg' now: with --lines, each word is a room.")
    assert [each.status for each in told[1:3]] == [Sent.SENT, Sent.EMPTY]


async def test_an_outage_between_two_lines_is_told_and_later_lines_go_on(
    settings: Any, kind: str
) -> None:
    with valkey() as server:

        async def texts() -> AsyncIterator[Saying]:
            yield Saying(message="one")
            server.kill()
            yield Saying(message="two")
            server.start()
            yield Saying(message="three")  # by a connection that broke unnoticed, perhaps
            yield Saying(message="four")

        async with opened(configure(settings, kind, server.url)) as layer:
            told = await collected(broadcast_lines(layer, words(), Aim(words=["a"]), texts()))

    rows = [each for each in told if isinstance(each, Broadcast)]
    assert [each.line for each in rows] == [1, 2, 3, 4]
    assert [rows[0].status, rows[3].status] == [Sent.EMPTY] * 2
    assert rows[1].status in {Sent.FAILED, Sent.UNSURE}
    assert (told[-1].rooms, told[-1].messages) == (4, 4)
    assert not [each for each in told if isinstance(each, Note) and "--resume" in each.note]


def broken(message: str, room: str) -> None:
    raise ZeroDivisionError(message, room)


async def test_a_callable_that_fails_for_a_line_stops_no_other(memory: LayerAdapter) -> None:
    told = await collected(
        broadcast_lines(
            memory, words(f"{__name__}.broken"), Aim(words=["a"]), sayings("one", "two")
        )
    )

    assert [each.note.partition(" was")[0] for each in told[:-1]] == ["Message 1", "Message 2"]
    assert (told[-1].refused, told[-1].exit) == (2, Exit.NO)


async def test_lines_that_never_came_are_a_failure(memory: LayerAdapter) -> None:
    [summary] = await collected(broadcast_lines(memory, words(), Aim(words=["a"]), sayings()))

    assert (summary.messages, summary.exit) == (0, Exit.NO)


@pytest.mark.parametrize("kind", ["core"])
async def test_a_process_that_is_stuck_is_waited_for_once_for_all_lines(
    settings: Any, server: Any, broker: redis.Redis, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.sending.lane.PATIENCE", 1.0)
    app = Application(configure(settings, kind, server.url, capacity=1))
    channel = await app.join("chat_lobby")
    await app.layer.send(channel, {"type": "t"})
    told: list[str] = []
    async with opened("default") as layer:
        rows = await collected(
            broadcast_lines(
                layer, words(), Aim(words=["lobby"]), sayings("a", "b", "c"), told=told.append
            )
        )
    await app.leave()
    await app.layer.flush()

    assert [each.status for each in rows[:-1]] == [Sent.DROPPED] * 3
    assert len(told) == 1


@pytest.mark.parametrize("kind", ["core"])
async def test_members_of_processes_that_are_gone_are_nobody(
    layer: LayerAdapter, server: Any, broker: redis.Redis
) -> None:
    with (
        workers(1, server.url, "chat_mixed", "chat_dead") as [dead],
        workers(1, server.url, "chat_mixed") as [living],
    ):
        bury([broker], dead)
        mixed, gone, summary = await collected(say(layer, "mixed", "dead"))
        await asyncio.to_thread(wait_until, lambda: bool(living.got), "the living to get it")
    broker.flushall()

    assert (mixed.status, mixed.reach.count, mixed.ghosts) == (Sent.SENT, 2, 1)
    assert (gone.status, gone.reach.count, gone.ghosts) == (Sent.EMPTY, 1, 1)
    assert "ghosts" in gone.reason
    assert (summary.sent, summary.empty, summary.exit) == (1, 1, Exit.PARTLY)


# ---------------------------------------------------------------- when it breaks


async def test_a_layer_that_is_away_from_the_start_is_no_answer(settings: Any, kind: str) -> None:
    async with opened(configure(settings, kind, "redis://127.0.0.1:1/0")) as layer:
        with pytest.raises(LayerAway):
            await collected(say(layer, "lobby"))


async def test_a_broker_that_goes_away_in_the_middle_is_told_per_room(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            app = Application("default")
            await app.join("chat_r0")
            rooms = [f"r{number}" for number in range(5)]
            told: list[Any] = []
            async for value in say(layer, *rooms, order=Order(rate=4)):
                told.append(value)
                if isinstance(value, Broadcast) and value.room == "r0":
                    server.kill()

    statuses = [each.status for each in told if isinstance(each, Broadcast)]
    assert statuses[0] is Sent.SENT
    assert statuses[1] in {Sent.FAILED, Sent.UNSURE}
    assert statuses[2:] in ([Sent.UNSENT] * 3, [Sent.FAILED, *[Sent.UNSENT] * 2])
    assert "--resume" in told[-2].note
    assert told[-1].exit is Exit.PARTLY


async def test_cancelled_in_the_middle_it_says_what_was_sent_and_what_was_not(
    memory: LayerAdapter,
) -> None:
    told: list[Any] = []
    begun = asyncio.Event()

    async def work() -> None:
        async for value in say(memory, *"abcde", order=Order(rate=0.001)):
            told.append(value)
            begun.set()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert [each.status for each in told[:5]] == [Sent.EMPTY, *[Sent.UNSENT] * 4]
    assert (told[-1].empty, told[-1].unsent) == (1, 4)


def test_the_summary_of_everything_sent_is_done() -> None:
    assert Summary(rooms=1, sent=1, failed=0, seconds=0, handlers_checked=True).exit is Exit.DONE
