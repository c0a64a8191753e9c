"""One room as one server process has it, and what it remembers for who comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.live.audience import Member
from chat.live.crowd import Crowd
from chat.live.hall import AHEAD, Hall
from chat.live.outgoing import Outgoing
from chat.live.recent import Recent
from chat.protocol.events import Message
from chat.records.history import MISSED, Page


def messages(first: int, last: int) -> tuple[Message, ...]:
    return tuple(
        Message(text="x", name="Ada", guest=True, number=n) for n in range(first, last + 1)
    )


def numbers(page: Page) -> list[int | None]:
    return [message.number for message in page.messages]


@pytest.mark.parametrize("waiting", [10, AHEAD, AHEAD + MISSED])
async def test_however_many_wait_for_one_before_them_all_are_delivered(waiting: int) -> None:
    sent: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(json.loads(message["text"])["number"])

    hall = Hall("busy", lambda _: None, Crowd(lambda: None))
    hall.begin(Page(messages=(), last=100))
    outgoing = Outgoing(send, paged=False)
    hall.admit(Member(outgoing, "eve", lambda _: None, lambda *_: None), 100)
    outgoing.start()
    end = 600 + waiting

    hall.arrived(*messages(601, end))  # 101 to 600 were lost
    for first in range(101, end + 1, MISSED):
        last = min(first + MISSED - 1, end)
        hall.caught_up(Page(messages=messages(first, last), last=last))
    await outgoing.drained()

    assert sent == [*range(101, end + 1)]


@given(
    first=st.integers(1, 60),
    read=st.integers(0, 600),
    live=st.integers(0, 600),
    after=st.integers(1, 1300),
)
def test_what_is_remembered_is_whole_or_has_to_be_read(
    first: int, read: int, live: int, after: int
) -> None:
    at, last = first + read, first + read + live
    recent = Recent()
    recent.begin(Page(messages=messages(first, at), last=at, more=first > 1))
    recent.add(messages(at + 1, last))

    missed = recent.missed(after, last)

    if after > last or live > MISSED:
        assert missed is None
    elif last - after > MISSED or (after < first - 1 and first == 1):
        assert missed is not None
        assert (missed.gap, numbers(missed)) == (True, [*range(max(first, last - 49), last + 1)])
    elif after < first - 1:
        assert missed is None
    else:
        assert missed is not None
        assert (missed.gap, numbers(missed)) == (False, [*range(after + 1, last + 1)])


def test_a_hole_in_what_is_remembered_is_not_passed_over() -> None:
    recent = Recent()
    recent.begin(Page(messages=messages(1, 10), last=10))
    recent.add(messages(12, 20))

    missed = recent.missed(5, 20)

    assert missed is None


def test_what_is_no_longer_kept_is_a_gap() -> None:
    recent = Recent()
    recent.begin(Page(messages=messages(8, 10), last=10))

    missed = recent.missed(3, 10)

    assert missed is not None
    assert (missed.gap, numbers(missed)) == (True, [8, 9, 10])
