"""What is asked for at the same time is done together."""

import asyncio
from collections.abc import Sequence

import pytest
from django.db import DataError

from chat.records.grouped import Busy, Grouped


class Work:
    """Does nothing but remember what was asked for together."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        await asyncio.sleep(0)
        return [-item for item in items]


async def test_each_who_asked_gets_their_own_answer() -> None:
    work = Work()
    grouped = Grouped(work)

    answers = await asyncio.gather(*map(grouped.ask, range(5)))

    assert answers == [0, -1, -2, -3, -4]
    assert work.groups == [[0, 1, 2, 3, 4]]


async def test_after_a_crowd_the_first_to_come_does_not_go_alone() -> None:
    work = Work()
    grouped = Grouped(work)
    await asyncio.gather(*map(grouped.ask, range(5)))

    first = asyncio.ensure_future(grouped.ask(5))
    await asyncio.sleep(0)  # it has asked: without the crowd its work would begin next
    await asyncio.gather(grouped.ask(6), first)

    assert work.groups[1:] == [[5, 6]]


async def test_more_than_may_wait_is_refused_at_once() -> None:
    grouped = Grouped(Work(), waiting=2)

    answers = await asyncio.gather(*map(grouped.ask, range(3)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [int, int, Busy]


async def test_a_failure_reaches_all_of_its_group() -> None:
    async def fail(_: Sequence[int]) -> list[int]:
        raise OSError("full")

    answers = await asyncio.gather(*map(Grouped(fail).ask, range(2)), return_exceptions=True)

    assert [str(answer) for answer in answers] == ["full", "full"]


async def test_what_the_database_cannot_hold_spoils_nothing_for_the_others() -> None:
    async def negate(items: Sequence[int]) -> list[int]:
        if 3 in items:
            raise DataError("no such number")
        return [-item for item in items]

    answers = await asyncio.gather(*map(Grouped(negate).ask, range(5)), return_exceptions=True)

    assert [type(answer) for answer in answers] == [int, int, int, DataError, int]
    assert (answers[2], answers[4]) == (-2, -4)


async def test_who_gave_up_spoils_nothing_for_the_others() -> None:
    grouped = Grouped(Work())
    gone, stays = (asyncio.ensure_future(grouped.ask(item)) for item in (1, 2))
    await asyncio.sleep(0)

    gone.cancel()

    assert await stays == -2
    with pytest.raises(asyncio.CancelledError):
        await gone
