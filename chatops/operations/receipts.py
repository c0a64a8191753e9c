"""Ask the consumers whether they have written what is broadcast, and hear what they answer."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any

from chatops.errors import BadValue, foreign
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.receipts import ASKED, TYPE
from chatops.layers.spelling import RECEIPT
from chatops.model.deliveries import Deliveries
from chatops.model.message import Arrival, Hole
from chatops.model.receipt import Receipt
from chatops.model.room import Unit
from chatops.model.target import Target
from chatops.model.watched import Watched
from chatops.project.event import Wording


@dataclass(slots=True)
class _Answers:
    """What one process answered for one group.

    `here` is how many members it says it has, `of` how many sockets are behind those that answered.
    """

    members: int = 0
    wrote: int = 0
    failed: int = 0
    here: int | None = None
    of: int | None = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether all members there have answered."""
        return self.members >= (self.here or 1)

    @property
    def is_sound(self) -> bool:
        """Tell whether these are numbers, as they should be."""
        counts = (self.members, self.wrote, self.failed, self.here or 0, self.of or 0)
        return all(type(each) is int and each >= 0 for each in counts)

    def add(self, more: "_Answers") -> None:
        """Count another answer of the same process."""
        self.members += more.members
        self.wrote += more.wrote
        self.failed += more.failed
        self.here = more.here
        self.of = None if self.of is None or more.of is None else self.of + more.of


_FIELDS = tuple(each.name for each in fields(_Answers))


class Receipts:
    """The answers to one message, in a group of their own, each waited for so many seconds."""

    def __init__(self, layer: LayerAdapter, seconds: float) -> None:
        self._layer = layer
        self._seconds = seconds
        self._to = f"{RECEIPT}{secrets.token_hex(8)}"
        self._heard: dict[str, dict[str, _Answers]] = {}
        self._news = asyncio.Event()
        self._is_over = False
        self.lost: str | None = None
        """Why answers may have been lost."""

    def asking(self, wording: Wording) -> Wording:
        """Let each event ask; raises `BadValue` where it has a field of that name already."""

        def make(target: Target) -> dict[str, Any]:
            event = wording(target)
            if ASKED in event:
                raise BadValue(f"--ack: the event has a field {ASKED!r} of its own.")
            return {**event, ASKED: {"to": self._to, "token": target.group}}

        return Wording(make, same=False)

    @asynccontextmanager
    async def heard(self) -> AsyncIterator[None]:
        """Hear answers for as long as the block runs."""
        async with self._layer.listen(Watched(groups=(self._to,))) as arrivals:
            reading = asyncio.ensure_future(self._read(arrivals))
            reading.add_done_callback(self._over)
            try:
                yield
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    def expect(self, groups: Sequence[str]) -> None:
        """Take answers for these groups from now on."""
        for group in groups:
            self._heard[group] = defaultdict(_Answers)

    def _over(self, reading: "asyncio.Task[None]") -> None:
        self._is_over = True
        if not reading.cancelled():
            self.lost = str(reading.exception() or "nothing more is heard")
        self._news.set()

    async def _read(self, arrivals: Arrivals) -> None:
        async for batch in arrivals:
            for each in batch:
                if isinstance(each, Hole):
                    self.lost = each.reason
                elif isinstance(each, Arrival) and each.type == TYPE:
                    with suppress(BadValue):  # somebody else's idea of one
                        self._count(each.body)
            self._news.set()

    def _count(self, body: dict[str, Any]) -> None:
        with foreign(BadValue, "not an answer"):
            process = str(body["process"])
            answers = [
                (each["token"], _Answers(*map(each.get, _FIELDS))) for each in body["answers"]
            ]
            if not all(answer.is_sound for _, answer in answers):
                raise BadValue("not an answer")
        for token, answer in answers:
            if token in self._heard:  # else it comes too late
                self._heard[token][process].add(answer)

    async def wait(self, groups: Sequence[str], done: Deliveries) -> None:
        """Return once all in these groups have answered, or the time is over."""
        left = {groups[at]: done.reach[at] for at in _asked(done)}
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                while not self._is_over and (
                    left := {
                        group: reach
                        for group, reach in left.items()
                        if not self._is_whole(group, reach, done.unit)
                    }
                ):
                    self._news.clear()
                    await self._news.wait()

    def of(self, groups: Sequence[str], done: Deliveries) -> Sequence[Receipt | None]:
        """Return what was answered for each of these groups; `None` where nothing was sent."""
        found: list[Receipt | None] = [None] * len(groups)
        for at in _asked(done):
            found[at] = self._receipt(groups[at], done.reach[at], done.unit)
        return found

    def _is_whole(self, group: str, reach: int | None, unit: Unit | None) -> bool:
        if reach is None:  # more may come
            return False
        answers = self._heard[group].values()
        return _count(answers, unit) >= reach and all(each.is_whole for each in answers)

    def _receipt(self, group: str, reach: int | None, unit: Unit | None) -> Receipt:
        answers = self._heard.pop(group, {}).values()
        return Receipt(
            wrote=sum(each.wrote for each in answers),
            failed=sum(each.failed for each in answers),
            of=_sockets(answers, reach, unit),
            answered=_count(answers, unit),
            expected=reach,
            unit=unit,
        )


def _asked(done: Deliveries) -> Sequence[int]:
    return [at for at, reach in enumerate(done.reach) if at not in done.failed and reach != 0]


def _sockets(answers: Collection[_Answers], reach: int | None, unit: Unit | None) -> int | None:
    """Count the sockets that there should be, where it was said, or each is a member of its own."""
    behind = [each.of for each in answers if each.of is not None]
    if behind and len(behind) == len(answers):
        return sum(behind)
    if any(each.members != each.wrote + each.failed for each in answers):
        return None
    if unit is Unit.MEMBERS:
        return reach
    here = [each.here for each in answers if each.here is not None]
    return sum(here) if answers and len(here) == len(answers) else None


def _count(answers: Collection[_Answers], unit: Unit | None) -> int:
    if unit is Unit.MEMBERS:
        return sum(each.members for each in answers)
    return len(answers)
