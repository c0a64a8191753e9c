"""Who is in a room, as everybody in it is told, over several server processes."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
import servers
from asking import submit
from talking import group_send, join, still_talks
from watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterator

NONSENSE: list[object] = [
    {"type": "chat.people"},
    {"type": "chat.people", "turn": 1, "server": "x", "whole": False, "came": [[1]], "went": []},
    {"type": "chat.people", "turn": "1", "server": None, "whole": 1, "came": 1, "went": 1},
    {"type": "chat.typing", "author": ["x"], "name": None},
    {"type": "chat.act", "act": {}},
]


@pytest.fixture(params=["pubsub", "core"])
def pair(
    request: pytest.FixtureRequest, broker: servers.Valkey
) -> Iterator[tuple[servers.Site, servers.Site]]:
    """Two server processes with one database and one key."""
    env = {"SECRET_KEY": "k" * 60 + "0123456789abcdef", "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0"}
    options = {"layer": request.param, "server": "uvicorn", "env": env}
    with (
        servers.site(broker.url, **options) as one,
        servers.site(broker.url, database_url=one.env["DATABASE_URL"], **options) as two,
    ):
        yield one, two


def cookie_of(site: servers.Site, name: str) -> str:
    cookies = submit(site, "/", "/name/", {"name": name}, {}).cookies
    return "; ".join(f"{key}={value}" for key, value in cookies.items())


async def test_everybody_sees_who_comes_and_goes_on_every_server(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    ada, bob = cookie_of(one, "Ada"), cookie_of(one, "Bob")
    async with watch(one, "garden", cookie=ada) as here:
        async with watch(two, "garden", cookie=bob) as there:
            came = await here.until(lambda: here.names == ["Ada", "Bob"])
            await there.until(lambda: there.names == ["Ada", "Bob"])
            async with join(one, "garden", cookie=bob):  # another window of Bob's
                await there.talk.ask({"name": "Bobby", "ref": "n"})
                await here.until(lambda: here.names == ["Ada", "Bobby"])
            assert here.count == 2
        went = await here.until(lambda: here.names == ["Ada"])
        listed = two.manage("chatops", "members", "garden", "--json")

    # Not one of the windows of one person was a coming or going.
    assert [frame["count"] for frame in here.frames if frame["type"] == "people"] == [1, 2, 2, 1]
    assert max(came, went) < 2
    assert '"Ada"' in listed.stdout, listed
    assert '"Bob' not in listed.stdout


async def test_the_people_of_a_killed_server_leave_within_fifteen_seconds(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with watch(one, "garden") as here:
        async with join(two, "garden"):
            await here.until(lambda: here.count == 2)
            two.kill()
            gone = await here.until(lambda: here.count == 1)
        two.start()
        async with join(two, "garden"):
            await here.until(lambda: here.count == 2)

    assert gone < 15


async def test_who_comes_while_the_broker_is_away_is_seen_all_the_same() -> None:
    with (
        servers.valkey() as broker,
        servers.site(broker.url, server="daphne") as one,
        servers.site(broker.url, server="daphne", database_url=one.env["DATABASE_URL"]) as two,
    ):
        async with watch(one, "garden") as here:
            broker.kill()
            async with join(two, "garden"):
                await here.until(lambda: here.count == 2)
            await here.until(lambda: here.count == 1)


async def test_a_big_room_is_counted_and_its_first_hundred_are_named(chat: servers.Site) -> None:
    async with AsyncExitStack() as stack, watch(chat, "hall") as here:
        first = AsyncExitStack()
        for _ in range(60):
            await first.enter_async_context(join(chat, "hall", page=False))
        for _ in range(60):
            await stack.enter_async_context(join(chat, "hall", page=False))
        await here.until(lambda: here.count == 121)
        named = len(here.people)
        await first.aclose()
        await here.until(lambda: here.count == 61)
        sizes = [len(json.dumps(frame)) for frame in here.frames if frame["type"] == "people"]

        assert named == 100
        assert len(here.people) == 61
        assert len(set(here.names)) == 61
        assert max(sizes) < 20_000


async def test_odd_events_of_others_disturb_nobody(chat: servers.Site) -> None:
    before = len(chat.log)
    async with watch(chat, "odd") as here:
        for event in NONSENSE:
            group_send(chat, "chat_odd", event)
        async with join(chat, "odd") as other:
            await here.until(lambda: here.count == 2)
            await still_talks(other, "fine")

    assert "was left" not in chat.log[before:]  # the group, by a listener that failed


async def test_typing_is_seen_by_the_others_alone(chat: servers.Site) -> None:
    async with watch(chat, "typing") as here, watch(chat, "typing") as there:
        for _ in range(3):
            await there.talk.send({"typing": True})
        seen = await here.next("typing")
        await there.talk.send({"message": "done"})
        for watcher in (here, there):
            await watcher.until(lambda: watcher.frames[-1].get("message") == "done")  # noqa: B023 - awaited here

    assert seen["name"] == there.talk.welcome["name"]
    kinds = [frame["type"] for frame in here.frames]
    assert kinds.count("typing") == 1
    assert "typing" not in [frame["type"] for frame in there.frames]
