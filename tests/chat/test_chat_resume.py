"""What somebody missed, and what was said before they came."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import TYPE_CHECKING

import pytest
from talking import join

if TYPE_CHECKING:
    import servers
    from talking import Frame

FILL = """
import sys
from chat.protocol.events import Message, new_id
from chat.records.store import Said, store
for number in range({}):
    store([Said(room={!r}, message=Message(text=f"old {{number}}" + {!r}, name="Ada", guest=True))])
"""


async def fill(site: servers.Site, room: str, messages: int, padding: str = "") -> None:
    """Have messages in a room that nobody said just now."""
    code = FILL.format(messages, room, padding)
    await asyncio.to_thread(site.manage, "shell", "--no-imports", "-v0", "-c", code)


def numbers(frames: list[Frame]) -> list[int]:
    return [frame["number"] for frame in frames if frame["type"] == "message"]


async def test_a_newcomer_gets_the_newest_page_and_older_ones_when_asked(
    chat: servers.Site,
) -> None:
    await fill(chat, "archive", 120)
    async with join(chat, "archive") as talk:
        second = await talk.ask({"before": 71, "ref": "r1"})
        third = await talk.ask({"before": 21})
        first = await talk.ask({"before": 1})

    assert (talk.welcome["last"], talk.welcome["gap"]) == (120, False)
    assert (numbers(talk.history["events"]), talk.history["more"]) == ([*range(71, 121)], True)
    assert (numbers(second["events"]), second["more"], second["ref"]) == (
        [*range(21, 71)],
        True,
        "r1",
    )
    assert (numbers(third["events"]), third["more"]) == ([*range(1, 21)], False)
    assert (first["events"], first["more"]) == ([], False)


async def test_who_comes_back_gets_what_was_missed_and_nothing_else(chat: servers.Site) -> None:
    async with join(chat, "back") as stays:
        async with join(chat, "back") as goes:
            await goes.ask({"message": "one"})
        await stays.ask({"message": "two"})
        await stays.next()
        await stays.ask({"message": "three"})
        async with join(chat, "back", after=1) as came_back:
            await stays.send({"message": "four"})
            live = await came_back.next()

    assert numbers(came_back.history["events"]) == [2, 3]
    assert (live["message"], live["number"]) == ("four", 4)
    assert came_back.welcome["gap"] is False


async def test_a_simple_client_may_resume_too(chat: servers.Site) -> None:
    async with join(chat, "simple", page=False) as talk:
        for text in ("one", "two"):
            await talk.ask({"message": text})
    async with join(chat, "simple", page=False, after=1) as talk:
        heard = await talk.next()

    assert (heard["number"], heard["message"]) == (2, "two")


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "%00", "0", ""])
async def test_an_odd_number_to_resume_from_is_none(chat: servers.Site, after: str) -> None:
    async with join(chat, "odd") as talk:
        await talk.ask({"message": "hi"})
    async with join(chat, path=f"/ws/chat/odd/?after={after}") as talk:
        welcome, history = await talk.next(), await talk.next()

    assert (welcome["gap"], history["events"][-1]["message"]) == (False, "hi")


@pytest.mark.parametrize("after", [2, 1_000_000, 10**19])
async def test_who_has_numbers_that_the_room_never_gave_begins_anew(
    chat: servers.Site, after: int
) -> None:
    room = f"future-{after}"
    async with join(chat, room) as talk:
        await talk.ask({"message": "hi"})
    async with join(chat, room, after=after) as talk:
        pass

    assert (talk.welcome["last"], talk.welcome["gap"]) == (1, True)
    assert numbers(talk.history["events"]) == [1]


async def test_of_those_who_come_back_at_once_one_asks_the_database(chat: servers.Site) -> None:
    await fill(chat, "herd", 300)
    async with join(chat, "herd", after=20):
        with closing(sqlite3.connect(chat.folder / "db.sqlite3", timeout=30)) as database:
            database.execute("DELETE FROM chat_message WHERE room = 'herd'")
            database.commit()
        async with join(chat, "herd", after=100) as back, join(chat, "herd") as fresh:
            pass

    assert (numbers(back.history["events"]), back.welcome["gap"]) == ([*range(101, 301)], False)
    assert (numbers(fresh.history["events"]), fresh.history["more"]) == ([*range(251, 301)], True)


@pytest.mark.parametrize(
    ("messages", "padding", "page"), [(600, "", 50), (60, "\U0001f600" * 3_990, 20)]
)
async def test_who_missed_too_much_begins_with_the_newest_page(
    chat: servers.Site, messages: int, padding: str, page: int
) -> None:
    room = f"gap-{messages}"
    await fill(chat, room, messages, padding)
    async with join(chat, room, after=10) as talk:
        pass

    assert talk.welcome["gap"] is True
    assert talk.history["more"] is True
    assert numbers(talk.history["events"]) == [*range(messages - page + 1, messages + 1)]


async def test_the_history_tells_its_author_alone_what_is_theirs(chat: servers.Site) -> None:
    async with join(chat, "whose") as ada:
        await ada.ask({"message": "mine", "ref": "r1"})
        async with join(chat, "whose") as eve:
            pass
        again = await ada.ask({"before": 2})

    assert [(frame["mine"], frame["ref"]) for frame in again["events"]] == [(True, "r1")]
    assert [(frame["mine"], frame["ref"]) for frame in eve.history["events"]] == [(False, None)]


async def test_nothing_falls_between_history_and_live_however_busy_the_room(
    chat: servers.Site,
) -> None:
    heard: list[list[int]] = []

    async def speak() -> None:
        async with join(chat, "busy") as talk:
            for _ in range(20):
                await talk.send({"message": "hi"})
            while numbers([frame := await talk.next()]) != [60]:
                assert frame["type"] == "message"

    async def come() -> None:
        async with join(chat, "busy") as talk:
            mine = numbers(talk.history["events"])
            while not mine or mine[-1] < 60:
                mine += numbers([await talk.next()])
            heard.append(mine)

    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        for _ in range(3):
            tasks.create_task(speak())
        for _ in range(12):
            tasks.create_task(come())
            await asyncio.sleep(0.01)  # so that they come at different moments

    for mine in heard:
        assert mine == [*range(mine[0], 61)]
        assert mine[0] == 1 or len(mine) >= 50


async def test_a_room_is_as_it_was_after_a_restart(broker: servers.Valkey) -> None:
    import servers  # noqa: PLC0415 - a module that is otherwise for types

    with servers.site(broker.url) as site:
        async with join(site, "kept") as talk:
            receipt = await talk.ask({"message": "remember", "ref": "r1"})
            site.kill()
        site.start()
        async with join(site, "kept") as talk:
            said = await talk.ask({"message": "and on"})

    (kept,) = talk.history["events"]
    assert json.dumps(kept | {"mine": 0, "ref": 0}) == json.dumps(receipt | {"mine": 0, "ref": 0})
    assert said["number"] == 2
