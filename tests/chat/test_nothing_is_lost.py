"""Real processes through faults, under traffic: none lost, none twice, the same order."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
import servers
from asking import submit
from talkers import Talker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

PEOPLE = 12
# TEST_POSTGRES_URL, of an empty database, has it happen there.
POSTGRES = os.environ.get("TEST_POSTGRES_URL")
ENVIRONMENT = {
    **({"DATABASE_URL": POSTGRES} if POSTGRES else {}),
    "SECRET_KEY": "k" * 60 + "0123456789abcdef",  # one for both, or a person is two
    "ALLOWED_HOSTS": "127.0.0.1",
    "HTTPS": "0",
}


@pytest.fixture(params=["pubsub", "core"])
def stage(request: pytest.FixtureRequest) -> Iterator[tuple[servers.Valkey, list[servers.Site]]]:
    """Two server processes on one database and one broker."""
    with ExitStack() as stack:
        broker = stack.enter_context(servers.valkey())
        options = {"layer": request.param, "server": "uvicorn", "env": ENVIRONMENT}
        one = stack.enter_context(servers.site(broker.url, **options))
        database = one.env["DATABASE_URL"]
        two = stack.enter_context(servers.site(broker.url, database_url=database, **options))
        yield broker, [one, two]


@pytest.fixture
async def talkers(
    stage: tuple[servers.Valkey, list[servers.Site]],
) -> AsyncIterator[list[Talker]]:
    """People who talk through both servers, whichever answers."""
    people, room = [], f"stormy-{secrets.token_hex(4)}"
    for number in range(PEOPLE):
        name = f"p{number}"
        cookies = submit(stage[1][0], "/", "/name/", {"name": name}, {}).cookies
        cookie = "; ".join(f"{key}={value}" for key, value in cookies.items())
        people.append(Talker(name, stage[1], cookie))
    tasks = [asyncio.create_task(each.talk(room)) for each in people]
    yield people

    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def reached(condition: Callable[[], bool], what: str) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for comes from other processes
            await asyncio.sleep(0.05)
    assert condition(), what


async def test_nothing_accepted_is_lost_or_seen_twice_or_out_of_order(
    stage: tuple[servers.Valkey, list[servers.Site]], talkers: list[Talker]
) -> None:
    broker, (one, two) = stage
    started = time.monotonic()

    async def some_more(messages: int = 40) -> None:
        """Let them talk."""
        goal = sum(len(each.receipts) for each in talkers) + messages
        await reached(lambda: sum(len(each.receipts) for each in talkers) >= goal, "no receipts")

    await some_more()
    one.kill()
    await some_more()
    await asyncio.to_thread(one.start)
    await some_more()
    broker.kill()
    await some_more()
    await asyncio.to_thread(broker.start)  # empty
    await some_more()
    broker.kill()
    two.kill()
    await some_more()
    await asyncio.to_thread(broker.start)
    await asyncio.to_thread(two.start)
    await some_more()
    repeats = sum(each.repeats for each in talkers)
    freeze(one)  # with what was just said to it, which is said again to the other
    broker.freeze()
    await reached(lambda: sum(each.repeats for each in talkers) > repeats + 5, "no repeats")
    broker.thaw()
    one.thaw()
    await some_more()
    broker.kill()
    one.kill()
    two.kill()
    one.spawn()
    await asyncio.to_thread(broker.start)
    await asyncio.to_thread(two.start)
    await asyncio.to_thread(one.wait)
    await some_more()

    for each in talkers:
        each.quiet = True
    await reached(lambda: all(each.done for each in talkers), "receipts are missing")
    newest = max(number for each in talkers for number in each.receipts.values())
    await reached(lambda: all(each.last >= newest for each in talkers), "not all was heard")

    report(talkers, newest, time.monotonic() - started)
    said = {number: (name, text) for number, name, text in talkers[0].seen}
    receipts = {ref: number for each in talkers for ref, number in each.receipts.items()}
    assert [fault for each in talkers for fault in each.faults] == []
    for each in talkers:
        assert [number for number, *_ in each.seen] == [*range(1, newest + 1)]  # whole, in order
        assert {number: (name, text) for number, name, text in each.seen} == said  # and the same
    assert {ref: said[number][1] for ref, number in receipts.items()} == {
        ref: f"says {ref}" for ref in receipts
    }
    assert len(receipts) == newest  # nothing was stored twice


def freeze(site: servers.Site) -> None:
    """Freeze a server, but not with SQLite's one lock, without which nobody can come in."""
    while True:
        site.freeze()
        if POSTGRES:
            return
        path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
        try:
            with closing(sqlite3.connect(path, timeout=2, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            site.thaw()
        else:
            return


def report(talkers: list[Talker], newest: int, seconds: float) -> None:
    """Print the figures; pytest shows them with -s."""
    print(  # noqa: T201 - asked for: what the test saw
        f"\n{newest} messages accepted and {newest * len(talkers)} deliveries compared in"
        f" {seconds:.1f} s, over {sum(each.connections for each in talkers)} connections of"
        f" {len(talkers)} people; {sum(each.repeats for each in talkers)} said again,"
        f" {sum(each.refused for each in talkers)} refused; lost 0, twice 0, out of order 0"
    )
