"""The lobby's rooms, over several server processes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
import servers
from asking import ask, submit
from talking import join, until
from watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair(broker: servers.Valkey) -> Iterator[tuple[servers.Site, servers.Site]]:
    """Two server processes with one database."""
    with (
        servers.site(broker.url) as one,
        servers.site(broker.url, database_url=one.env["DATABASE_URL"]) as two,
    ):
        yield one, two


def people(site: servers.Site) -> dict[str, int]:
    with urlopen(f"{site.url}/rooms.json", timeout=30) as answer:  # noqa: S310 - our own server
        return {row["room"]: row["people"] for row in json.load(answer)["rooms"]}


async def wait_for(site: servers.Site, expected: dict[str, int]) -> None:
    async def seen() -> bool:
        return await asyncio.to_thread(people, site) == expected

    await until(seen)


async def test_the_lobby_knows_the_people_of_every_server(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with join(one, "garden"), join(two, "garden"), join(two, "kitchen"):
        await wait_for(one, {"garden": 2, "kitchen": 1})
        await wait_for(two, {"garden": 2, "kitchen": 1})
    await wait_for(one, {})


async def test_people_are_counted_not_their_names_or_windows(chat: servers.Site) -> None:
    mine = submit(chat, "/", "/name/", {"name": "Alex"}, {}).cookies
    cookie = "; ".join(f"{name}={value}" for name, value in mine.items())
    async with (
        join(chat, "counted", cookie=cookie),
        join(chat, "counted", cookie=cookie),
        join(chat, "counted") as other,
    ):
        await other.ask({"name": "Alexa"})

        async def two() -> bool:
            return (await asyncio.to_thread(people, chat)).get("counted") == 2

        await until(two)
        rows = await asyncio.to_thread(present, chat, "counted")

    assert sorted(name for name, _ in rows) == ["Alex", "Alex", "Alexa"]
    assert mine["sessionid"] not in str(rows)


def present(site: servers.Site, room: str) -> list[tuple[str, str]]:
    """Who is written down as being in a room, as (name, person)."""
    rows = f"Presence.objects.filter(room={room!r}).values_list('name', 'person')"
    code = f"import json; from chat.models import Presence; print(json.dumps(list({rows})))"
    shown = site.manage("shell", "--no-imports", "-v0", "-c", code)
    return [(name, person) for name, person in json.loads(shown.stdout)]


async def test_people_of_a_killed_server_are_forgotten_and_others_stay(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with join(one, "garden") as stays:
        async with join(two, "garden"):
            await wait_for(one, {"garden": 2})
            two.kill()
        await wait_for(one, {"garden": 1})
        heard = await stays.ask({"message": "still here"})

    assert heard["message"] == "still here"


async def test_a_server_that_slept_is_counted_again(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with join(one, "lookout"), join(two, "garden"):
        await wait_for(one, {"garden": 1, "lookout": 1})
        two.freeze()
        await wait_for(one, {"lookout": 1})
        two.thaw()
        await wait_for(one, {"garden": 1, "lookout": 1})


async def test_the_people_of_a_server_that_was_swept_are_there_again_whoever_comes_first(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with join(one, "garden"), join(two, "garden"):
        with opened(one) as database:
            database.executescript("BEGIN; DELETE FROM chat_presence; DELETE FROM chat_server; END")
        async with join(two, "garden"):
            await wait_for(one, {"garden": 3})


async def test_while_the_database_is_locked_nobody_is_gone_and_nobody_comes_in(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    silent = (datetime.now(UTC) - timedelta(seconds=15)).replace(tzinfo=None)
    async with watch(one, "garden") as here, join(two, "garden"):
        await here.until(lambda: here.count == 2)
        with opened(one) as database:
            database.execute("UPDATE chat_server SET seen_at = ?", [str(silent)])
            database.execute("BEGIN IMMEDIATE")
            asked = time.monotonic()
            async with join(two, path="/ws/chat/garden/") as late:
                refused = await late.next()
                code = await late.closed()
            answered = time.monotonic() - asked
            shown = await asyncio.to_thread(people, one)
            await here.talk.send({"ping": True})
            await here.next("pong")
        await wait_for(one, {"garden": 2})

    assert (refused["code"], code) == ("unavailable", 4503)
    assert answered < 8  # before anything gave up waiting for the lock
    assert shown == {"garden": 2}
    assert [frame["count"] for frame in here.frames if frame["type"] == "people"] in ([2], [1, 2])


@contextmanager
def opened(site: servers.Site) -> Iterator[sqlite3.Connection]:
    """Open a site's database, beside the site."""
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        yield database


async def test_a_database_that_fails_ends_no_socket(broker: servers.Valkey) -> None:
    with servers.site(broker.url, env={"HTTPS": "0"}) as site:
        async with join(site, "garden") as before:
            site.manage("migrate", "chat", "zero", "-v0")
            async with join(site, path="/ws/chat/garden/") as after:
                refused = await after.next()
                code = await after.closed()
            unsaid = await before.ask({"message": "no table", "ref": "r1"})
            lobby = await asyncio.to_thread(ask, site, "/rooms.json")
            pong = await before.ask({"ping": 1})
        with opened(site) as database:
            database.execute("DROP TABLE django_session")
        pages = [await asyncio.to_thread(ask, site, path) for path in ("/", "/chat/garden/")]

    assert (refused["code"], code) == ("unavailable", 4503)
    assert (unsaid["code"], unsaid["ref"], pong["type"]) == ("unavailable", "r1", "pong")
    assert lobby.status == 503
    assert "did not answer" in lobby.text
    assert [page.status for page in pages] == [503, 503]
    assert all("briefly unavailable" in page.text for page in pages)
    assert "Traceback" not in site.log
