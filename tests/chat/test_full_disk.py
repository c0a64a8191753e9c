"""A disk that is full, as the database sees it: nothing is accepted that is not stored."""

from __future__ import annotations

import asyncio
import resource
import secrets
from typing import TYPE_CHECKING

import pytest
import servers
from asking import submit
from conftest import PRODUCTION
from talkers import Talker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEOPLE = 4
FULL = 4096  # bytes that any file of the server may have: the database is beyond that already


@pytest.fixture
def lone(broker: servers.Valkey) -> Iterator[servers.Site]:
    """One server process, on SQLite."""
    with servers.site(broker.url, server="uvicorn", env=PRODUCTION) as running:
        yield running


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux's prlimit")
async def test_a_full_disk_refuses_what_it_cannot_store_and_loses_nothing(
    lone: servers.Site,
) -> None:
    people = [talker(lone, f"p{number}") for number in range(PEOPLE)]
    room = f"full-{secrets.token_hex(4)}"
    tasks = [asyncio.create_task(each.talk(room)) for each in people]
    await reached(lambda: all(len(each.receipts) > 1 for each in people), "no receipts")
    _, most = resource.prlimit(lone.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(lone.pid, resource.RLIMIT_FSIZE, (FULL, most))
    await reached(lambda: all(each.refused > 1 for each in people), "nobody was refused")
    accepted = sum(len(each.receipts) for each in people)
    refused = sum(each.refused for each in people)
    await reached(lambda: sum(each.refused for each in people) > refused + 5, "no refusals")
    meanwhile = sum(len(each.receipts) for each in people) - accepted
    resource.prlimit(lone.pid, resource.RLIMIT_FSIZE, (most, most))
    await reached(
        lambda: sum(len(each.receipts) for each in people) > accepted + 20, "no receipts after"
    )
    for each in people:
        each.quiet = True
    await reached(lambda: all(each.done for each in people), "receipts are missing")
    newest = max(number for each in people for number in each.receipts.values())
    await reached(lambda: all(each.last >= newest for each in people), "not all was heard")
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)

    print(  # noqa: T201 - asked for: what the test saw
        f"\n{newest} messages accepted, {sum(each.refused for each in people)} refused while the"
        f" disk was full, {sum(each.connections for each in people)} connections; lost 0"
    )
    assert meanwhile == 0
    assert [fault for each in people for fault in each.faults] == []
    assert all([n for n, *_ in each.seen] == [*range(1, newest + 1)] for each in people)
    assert sum(len(each.receipts) for each in people) == newest


def talker(site: servers.Site, name: str) -> Talker:
    cookies = submit(site, "/", "/name/", {"name": name}, {}).cookies
    return Talker(name, [site], "; ".join(f"{key}={value}" for key, value in cookies.items()))


async def reached(condition: Callable[[], bool], what: str) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for comes from other processes
            await asyncio.sleep(0.05)
    assert condition(), what
