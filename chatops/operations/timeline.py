"""A recording at its own pace, or at another."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from chatops.model.message import Gap, Message
from chatops.model.recorded import Began, Flaw, Recorded
from chatops.model.target import Target
from chatops.model.waiting import Waiting

if TYPE_CHECKING:
    from datetime import datetime

_MOST = 500
"""Messages that go out together, where they are due together."""

_LONG = 3.0
"""Seconds of silence that are told."""


class Take(NamedTuple):
    """One message, its number in the recording, and where it goes."""

    line: int
    target: Target
    message: Message


async def timeline(
    recording: Iterable[Recorded | Flaw],
    route: Callable[[Message | Gap], Target | None],
    speed: float | None,
) -> AsyncGenerator[list[Take] | Waiting | Gap | Flaw, None]:
    """Yield what is due, when it is due, in its order; messages that are due together, as one.

    The time between two tails that wrote to one recording is passed over.
    """
    clock = _Clock(speed)
    due: list[Take] = []
    for each in _chosen(recording, route):
        if due and not (isinstance(each, Take) and clock.wait(each) == 0 and len(due) < _MOST):
            yield due
            due = []
        match each:
            case Began():
                clock = _Clock(speed)
            case Take():
                if (wait := clock.wait(each)) > _LONG:
                    yield Waiting(what="Nothing was said for a while", seconds=wait)
                await asyncio.sleep(wait)
                due.append(each)
            case _:
                yield each
    if due:
        yield due


def _chosen(
    recording: Iterable[Recorded | Flaw], route: Callable[[Message | Gap], Target | None]
) -> Iterator[Take | Began | Gap | Flaw]:
    """Yield messages with their numbers, but none that goes nowhere, or was not readable."""
    number = 0
    for each in recording:
        if not isinstance(each, Message):
            if not (isinstance(each, Gap) and each.group and route(each) is None):
                yield each
            continue
        number += 1
        target = route(each)
        if target is not None and each.problem is None:
            yield Take(number, target, each)


class _Clock:
    """Says how long to wait; the first message is due at once."""

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._first: datetime | None = None
        self._start = 0.0

    def wait(self, take: Take) -> float:
        """Return the seconds until a message is due; none for one that is late."""
        now, seen_at = asyncio.get_running_loop().time(), take.message.seen_at
        if self._speed is None:
            return 0.0
        if self._first is None:
            self._first, self._start = seen_at, now
        due = self._start + (seen_at - self._first).total_seconds() / self._speed
        return max(0.0, due - now)
