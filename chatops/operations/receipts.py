"""Ask the consumers whether they have written what is broadcast, and hear what they answer."""

import asyncio
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from chatops.errors import BadValue, foreign
from chatops.layers.base import Arrivals, LayerAdapter
from chatops.layers.receipts import ASKED, TYPE, known_by
from chatops.layers.sending.each import Event
from chatops.layers.spelling import RECEIPT
from chatops.model.deliveries import Deliveries
from chatops.model.message import Arrival, Hole
from chatops.model.receipt import Receipt
from chatops.model.target import Target
from chatops.model.watched import Watched
from chatops.operations.answers import FIELDS, Answers, answered, sockets
from chatops.project.event import Wording

_Name = tuple[str, int]
"""What an answer is known by, and which of several it is; 0 where all are meant."""


class Receipts:
    """The answers to one message, in a group of their own, until for so many seconds none comes.

    Where the layer tells to which channels it sent, all rooms get the same event, and who answers
    says by which channel it came: a process then gets one message for all of its rooms.
    """

    def __init__(self, layer: LayerAdapter, seconds: float) -> None:
        self._layer = layer
        self._seconds = seconds
        self._to = f"{RECEIPT}{secrets.token_hex(8)}"
        self._heard: dict[str, dict[str, Answers]] = {}
        self._news = asyncio.Event()
        self._is_over = False
        self._is_shared = layer.tells_members
        self._turn = 0
        self.lost: str | None = None
        """Why answers may have been lost."""

    def asking(self, wording: Wording) -> Wording:
        """Let each event ask; raises `BadValue` where it has a field of that name already."""

        def make(target: Target) -> dict[str, Any]:
            event = wording(target)
            if ASKED in event:
                raise BadValue(f"--ack: the event has a field {ASKED!r} of its own.")
            if self._is_shared:
                return self._turned(event)
            return {**event, ASKED: {"to": self._to, "token": target.group}}

        return Wording(make, same=wording.same and self._is_shared)

    def _turned(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return {**event, ASKED: {"to": self._to, "turn": self._turn}}

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

    def expect(self, groups: Sequence[str], event: Event | Sequence[Event]) -> Any:  # noqa: ANN401 - as it came
        """Take answers for these groups from now on, and none for those before.

        Returns the event, or the one of each, that asks for them.
        """
        if not self._is_shared:
            self._heard = {group: defaultdict(Answers) for group in groups}
            return event
        self._turn, self._heard = self._turn + 1, {}
        return self._turned(event) if isinstance(event, Mapping) else list(map(self._turned, event))

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
            answers = [(each["token"], Answers(*map(each.get, FIELDS))) for each in body["answers"]]
            if not all(answer.is_sound for _, answer in answers):
                raise BadValue("not an answer")
        for name, answer in answers:
            if self._is_shared and name.startswith(known_by(self._turn, "")):
                self._heard.setdefault(name, defaultdict(Answers))
            if name in self._heard:  # else it comes too late
                self._heard[name][process].add(answer)

    async def wait(self, groups: Sequence[str], done: Deliveries) -> None:
        """Return once all in these groups have answered, or nobody has for so long."""
        names = self._names(groups, done)
        left = _asked(done)
        with suppress(TimeoutError):
            while left and not self._is_over:
                if self._is_whole(names[left[-1]], done, left[-1]):
                    left.pop()
                    continue
                self._news.clear()
                async with asyncio.timeout(self._seconds):
                    await self._news.wait()

    def of(self, groups: Sequence[str], done: Deliveries) -> Sequence[Receipt | None]:
        """Return what was answered for each of these groups; `None` where nothing was sent."""
        found: list[Receipt | None] = [None] * len(groups)
        names = self._names(groups, done)
        for at in _asked(done):
            answers = list(self._answers(names[at]))
            found[at] = Receipt(
                wrote=sum(each.wrote for each in answers),
                failed=sum(each.failed for each in answers),
                of=sockets(answers, done.reach[at], done.unit),
                answered=answered(answers, done.unit),
                expected=done.reach[at],
                unit=done.unit,
            )
        self._heard = {}
        return found

    def _names(self, groups: Sequence[str], done: Deliveries) -> Sequence[Sequence[_Name]]:
        """Name the answers for each group: its own, and those of its members."""
        if not self._is_shared:
            return [[(group, 0)] for group in groups]
        if done.unit and _asked(done) and not done.members:
            self.lost = "this layer does not tell who is in the groups"
        rooms: Counter[str] = Counter()
        found = []
        for at, group in enumerate(groups):
            names: list[_Name] = [(known_by(self._turn, group), 0)]
            for channel in done.members.get(at, ()):
                rooms[channel] += 1
                names.append((known_by(self._turn, channel), rooms[channel]))
            found.append(names)
        return found

    def _answers(self, names: Sequence[_Name]) -> Iterator[Answers]:
        for name, number in names:
            for each in self._heard.get(name, {}).values():
                one = each.nth(number) if number else each
                if one.members:
                    yield one

    def _is_whole(self, names: Sequence[_Name], done: Deliveries, at: int) -> bool:
        reach = done.reach[at]
        if reach is None:  # more may come
            return False
        answers = list(self._answers(names))
        return answered(answers, done.unit) >= reach and all(each.is_whole for each in answers)


def _asked(done: Deliveries) -> list[int]:
    return [at for at, reach in enumerate(done.reach) if at not in done.failed and reach != 0]
