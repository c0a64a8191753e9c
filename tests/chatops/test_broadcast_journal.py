"""A broadcast that goes on from where another one ended."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from broadcasts import collected, say
from servers import valkey

from chatops.errors import BadValue, Exit, LayerAway, Refused, Unwritable
from chatops.model.broadcast import Broadcast, Sent
from chatops.model.order import Order

if TYPE_CHECKING:
    from pathlib import Path

    from chatops.layers.base import LayerAdapter

WITH_ID = {"type": "chat.message", "text": "{message}", "id": "{id}", "at": "{at}"}
SLOW = Order(rate=4)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def rows(told: list[Any]) -> dict[str | None, Sent]:
    return {each.room: each.status for each in told if isinstance(each, Broadcast)}


async def until(values: Any, room: str, then: Any = None) -> list[Any]:
    """Take what comes; after this room, end it as Ctrl-C does, or do `then`."""
    told = []

    async def work() -> None:
        async for value in values:
            told.append(value)
            if isinstance(value, Broadcast) and value.room == room:
                reached.set()
                if then is not None:
                    then()

    reached = asyncio.Event()
    task = asyncio.create_task(work())
    if then is None:
        await reached.wait()
        task.cancel()
    await asyncio.wait([task])
    return told


async def test_a_second_run_sends_only_what_is_left_with_the_same_id(
    layer: LayerAdapter, app: Application, tmp_path: Path
) -> None:
    file = tmp_path / "j"
    channels = [await app.join(f"chat_{room}") for room in "abc"]

    first = await until(say(layer, *"abc", event=WITH_ID, order=SLOW, resume=file), "a")
    second = await collected(say(layer, *"abc", event=WITH_ID, resume=file))
    third = await collected(say(layer, *"abc", event=WITH_ID, resume=file))
    got = [await app.layer.receive(channel) for channel in channels]
    for channel in channels:
        await app.layer.send(channel, {"type": "last"})
    after = [(await app.layer.receive(channel))["type"] for channel in channels]

    assert rows(first) == {"a": Sent.SENT, "b": Sent.UNSENT, "c": Sent.UNSENT}
    assert "The same command goes on from here" in first[-2].note
    assert rows(second) == {"b": Sent.SENT, "c": Sent.SENT}
    assert (second[-1].earlier, second[-1].exit) == (1, Exit.DONE)
    assert (len(third), third[-1].earlier, third[-1].exit) == (1, 3, Exit.DONE)
    assert len({(each["id"], each["at"]) for each in got}) == 1
    assert after == ["last"] * 3


async def test_a_broker_killed_in_the_middle_leaves_every_room_with_one_message_or_unsure(
    settings: Any, kind: str, tmp_path: Path
) -> None:
    rooms = [f"r{number}" for number in range(8)]
    file = tmp_path / "j"
    with valkey() as server:
        app = None
        async with opened(configure(settings, kind, server.url)) as layer:
            app = Application("default")
            for room in rooms[:2]:
                await app.join(f"chat_{room}")
            first = await until(say(layer, *rooms, order=SLOW, resume=file), "r0", server.kill)
        server.start()
        later = Application("default")
        channels = {room: await later.join(f"chat_{room}") for room in rooms}
        async with opened("default") as layer:
            second = await collected(say(layer, *rooms, resume=file))
        got = []
        for room, status in rows(second).items():
            if status is Sent.SENT:
                got.append((await later.layer.receive(channels[str(room)]))["text"])
        await later.layer.flush()

    assert rows(first)["r0"] is Sent.SENT
    assert Sent.UNSENT in rows(first).values()
    unsure = {room for room, status in rows(first).items() if status is Sent.UNSURE}
    assert {room for room, status in rows(second).items() if status is Sent.UNSURE} == unsure
    sent = {room for room, status in rows(second).items() if status is Sent.SENT}
    assert sent == set(rooms) - {"r0"} - unsure
    assert Counter(got) == Counter(f"hello {room}" for room in sent)


async def test_what_was_being_sent_when_it_was_killed_is_unsure_and_not_sent_again(
    layer: LayerAdapter, app: Application, tmp_path: Path
) -> None:
    file = tmp_path / "j"
    await collected(say(layer, "a", "b", resume=file))
    *kept, _ = file.read_text().splitlines(keepends=True)
    file.write_text("".join(kept) + '{"sent": [0,')  # killed before all of this was written
    channel = await app.join("chat_a")

    told = await collected(say(layer, "a", "b", resume=file))
    again = await collected(say(layer, "a", "b", resume=file))
    await app.layer.send(channel, {"type": "last"})

    assert rows(told) == rows(again) == {"a": Sent.UNSURE, "b": Sent.UNSURE}
    assert told[-1].exit is Exit.PARTLY
    assert (await app.layer.receive(channel))["type"] == "last"


@pytest.fixture
async def full(memory: LayerAdapter) -> LayerAdapter:
    """A layer of this process, with somebody in each room."""
    for room in "abc":
        await memory.group_add(f"chat_{room}", "a")
    return memory


async def test_a_line_that_was_cut_short_is_in_nobodys_way(
    full: LayerAdapter, tmp_path: Path
) -> None:
    file = tmp_path / "j"
    await until(say(full, *"abc", order=SLOW, resume=file), "a")
    with file.open("a") as journal:
        journal.write('{"sending": [1')

    second = await collected(say(full, *"abc", resume=file))
    [third] = await collected(say(full, *"abc", resume=file))

    assert rows(second) == {"b": Sent.SENT, "c": Sent.SENT}
    assert third.earlier == 3


async def test_a_room_that_was_empty_is_tried_again_and_a_full_queue_is_told_again(
    settings: Any, server: Any, broker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("chatops.layers.sending.lane.PATIENCE", 0.2)
    alias, file = configure(settings, "core", server.url, capacity=1), tmp_path / "j"
    app = Application(alias)
    channel = await app.join("chat_full")
    await app.layer.send(channel, {"type": "t"})
    async with opened(alias) as layer:
        first = await collected(say(layer, "full", "empty", resume=file))
        again = await collected(say(layer, "full", "empty", resume=file))
    await app.layer.receive(channel)
    later = await app.join("chat_empty")
    async with opened(alias) as layer:
        last = await collected(say(layer, "full", "empty", resume=file))
    got = await app.layer.receive(later)
    await app.leave()
    await app.layer.flush()

    assert rows(first) == rows(again) == {"full": Sent.DROPPED, "empty": Sent.EMPTY}
    assert "The same command goes on from here" in again[-2].note
    assert rows(last) == {"full": Sent.DROPPED, "empty": Sent.SENT}
    assert (last[-1].earlier, last[-1].exit) == (0, Exit.PARTLY)
    assert got["text"] == "hello empty"


async def test_rooms_that_came_later_are_not_in_it(
    layer: LayerAdapter, app: Application, tmp_path: Path
) -> None:
    file = tmp_path / "j"
    channel = await app.join("chat_a1")
    await collected(say(layer, "a*", resume=file))
    await app.join("chat_a2")

    [summary] = await collected(say(layer, "a*", resume=file))
    await app.layer.receive(channel)

    assert (summary.rooms, summary.earlier) == (1, 1)


async def test_a_layer_that_was_away_leaves_all_to_be_sent(
    settings: Any, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "j"
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            await collected(say(layer, "z", resume=tmp_path / "other"))  # so that it is connected

            async def gone(*_: object) -> None:
                server.kill()

            with pytest.raises(LayerAway):
                await collected(say(layer, "a", "b", resume=file, agree=gone))
        server.start()
        async with opened("default") as layer:
            told = await collected(say(layer, "a", "b", resume=file))

    assert rows(told) == {"a": Sent.EMPTY, "b": Sent.EMPTY}


async def test_what_the_guard_refuses_leaves_no_file(memory: LayerAdapter, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        await collected(say(memory, "a", event={"type": "t"}, resume=tmp_path / "j"))

    assert not (tmp_path / "j").exists()


async def test_ten_thousand_rooms_fit_into_a_journal(memory: LayerAdapter, tmp_path: Path) -> None:
    rooms, file = [f"r{number}" for number in range(10_000)], tmp_path / "j"

    await collected(say(memory, *rooms, resume=file))

    assert lines(file)[0]["targets"] == 10_000
    assert sum(len(each.get("empty", ())) for each in lines(file)) == 10_000


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("other", "culprit"),
    [
        ({"message": "other"}, "is the journal of another message"),
        ({"rooms": ["a", "c"]}, "is the journal of a broadcast to others"),
        ({"but": ["x"]}, "is the journal of a broadcast to others"),
    ],
)
async def test_the_journal_of_another_broadcast_is_refused_and_stays_as_it_is(
    memory: LayerAdapter, tmp_path: Path, other: dict[str, Any], culprit: str
) -> None:
    file = tmp_path / "j"
    await collected(say(memory, "a", "b", resume=file))
    before = file.read_bytes()

    with pytest.raises(BadValue, match=culprit):
        await collected(say(memory, *other.pop("rooms", ["a", "b"]), resume=file, **other))

    assert file.read_bytes() == before


HEADER = {
    "kind": "journal", "version": 1, "asked": "0", "targets": 1,
    "saying": {
        "message": "hello", "level": None, "sender": None, "type": None, "event": None,
        "id": "1", "at": "2",
    },
}  # fmt: skip
TARGETS = {"targets": [["a", "chat_a"]]}


@pytest.mark.parametrize(
    ("content", "culprit"),
    [
        (["hello"], "is not the journal of a broadcast"),
        ([{"kind": "message"}], "is not the journal of a broadcast"),
        ([[1]], "is not the journal of a broadcast"),
        ([{**HEADER, "version": 2}], "was written by another version: 2"),
        ([{**HEADER, "saying": {}}], "line 1 is damaged"),
        ([{**HEADER, "targets": "x"}], "line 1 is damaged"),
        ([{**HEADER, "targets": -1}], "line 1 is damaged"),
        ([HEADER], "ends before its targets do"),
        ([HEADER, {"targets": [["a"]]}], "line 2 is damaged"),
        ([HEADER, TARGETS, "}{"], "line 3 is damaged"),
        ([HEADER, TARGETS, {"sent": [7]}], "line 3 is damaged"),
        ([HEADER, TARGETS, {"sent": 7}], "line 3 is damaged"),
    ],
)
async def test_a_damaged_or_foreign_file_is_refused_and_stays_as_it_is(
    memory: LayerAdapter, tmp_path: Path, content: list[Any], culprit: str
) -> None:
    file = tmp_path / "j"
    texts = [each if isinstance(each, str) else json.dumps(each) for each in content]
    file.write_text("".join(f"{each}\n" for each in texts))
    before = file.read_bytes()

    with pytest.raises(BadValue, match=culprit):
        await collected(say(memory, "a", resume=file))

    assert file.read_bytes() == before


async def test_two_at_once_do_not_share_a_file(memory: LayerAdapter, tmp_path: Path) -> None:
    file = tmp_path / "j"
    await collected(say(memory, "a", resume=file))
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BadValue, match="is in use by another broadcast"):
            await collected(say(memory, "a", resume=file))


async def test_a_folder_is_no_journal(memory: LayerAdapter, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="cannot be opened: Is a directory"):
        await collected(say(memory, "a", resume=tmp_path))


async def test_a_full_disk_stops_it_before_anything_is_sent(
    layer: LayerAdapter, app: Application, tmp_path: Path
) -> None:
    from pathlib import Path  # noqa: PLC0415 - at run time only

    channel = await app.join("chat_a")

    with pytest.raises(Unwritable, match="cannot be written: No space left"):
        await collected(say(layer, "a", resume=Path("/dev/full")))
    await app.layer.send(channel, {"type": "last"})

    assert (await app.layer.receive(channel))["type"] == "last"
