"""One broadcast on its way: who it is for, what was done, and what became of it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from chatops.errors import Unwritable
from chatops.layers.base import LayerAdapter
from chatops.model.broadcast import Broadcast, Sent, Summary, Totals
from chatops.model.event import Saying
from chatops.model.order import Guarded, Order
from chatops.model.result import Note
from chatops.model.target import Aim, Found
from chatops.model.waiting import Progress
from chatops.operations.admission import Admission, foreseen
from chatops.operations.delivery import Delivery
from chatops.operations.guard import plain
from chatops.operations.past import State
from chatops.operations.plan import Plan
from chatops.operations.targets import nobody, select
from chatops.project.words import Words

if TYPE_CHECKING:
    from chatops.layers.base import Sending
    from chatops.model.target import Target
    from chatops.operations.journal import Journal
    from chatops.operations.receipts import Receipts

Row = Broadcast | Note | Progress | Summary

_BATCH = 1000
_SILENT = (
    "Nobody answered within {:g} s: either the consumers do not use "
    "chatops.consumers.ReceiptMixin, or their process is stopped, busy or gone, or they take "
    "longer than --ack."
)
_BEFORE = {
    State.SENDING: (Sent.UNSURE, "an earlier run ended while it was sent"),
    State.UNSURE: (Sent.UNSURE, "the layer went away while an earlier run sent it"),
    State.DROPPED: (Sent.DROPPED, "full queues dropped it in an earlier run"),
}


class Run:
    """What one broadcast works with, from the first word to the summary."""

    def __init__(
        self,
        layer: LayerAdapter,
        words: Words,
        order: Order,
        plan: Plan,
        journal: "Journal | None" = None,
    ) -> None:
        self.plan = plan
        self.tally = Totals()
        self._layer = layer
        self._words = words
        self._order = order
        self._journal = journal
        self._admission = Admission(layer, words.consumers, order)
        self._before: list[tuple[Target, State]] = []
        self._receipts: Receipts | None = None
        self._send: Sending | None = None
        self._seconds = 0.0

    async def aim(self, aim: Aim) -> Found:
        """Find out who it is for; returns what was found by globs.

        What an earlier run began goes to those that it was for. Raises `Unmatched` where that is
        nobody.
        """
        journal = self._journal
        if journal is not None:
            aim = journal.reading(aim, self._layer.alias)
        if journal is None or journal.is_new:
            found = await select(self._layer, self._words.names, aim, self.plan)
            if not self.plan:
                raise nobody(self._layer, aim, found)
            return found
        for _ in aim.words:
            pass
        for place, target, state in journal.rest():
            if state is State.OPEN:
                self.plan.add(target, place)
            elif state in _BEFORE:
                self._before.append((target, state))
            else:
                self.tally.earlier += 1
        return Found()

    async def admit(self, saying: Saying) -> dict[str, Any] | None:
        """Let it pass the guard; returns the event, `None` where each target has its own."""
        if Guarded.CONTROL not in self._order.skip:
            plain(saying.message)
        wording = self._words.event(saying)
        if self._order.ack is not None:
            from chatops.operations.receipts import Receipts  # noqa: PLC0415 - where asked for

            self._receipts = Receipts(self._layer, self._order.ack)
            wording = self._receipts.asking(wording)
        return await self._admission.admit(self.plan, wording)

    async def foresee(self, event: dict[str, Any] | None) -> AsyncGenerator[Row, None]:
        """Yield what would be sent."""
        with self._clock():
            async for row in foreseen(self._layer, self.plan, event):
                self.tally.counts[row.status] += 1
                yield row

    async def send(self, event: dict[str, Any] | None) -> AsyncGenerator[Row, None]:
        """Send, and yield each room's outcome, also of what an earlier run left open."""
        assert self._send is not None  # noqa: S101 - in `whole`
        if self._journal is not None and self._journal.is_new:
            self._journal.begin(self.plan)
        for before in self._left_open():
            yield before
        with self._clock():
            async with nullcontext() if self._receipts is None else self._receipts.heard():
                delivery = Delivery(
                    self._send,
                    self._layer.ghosts,
                    event,
                    self.tally,
                    self._journal,
                    self._receipts,
                )
                async with aclosing(delivery.all(self.plan, self._order.rate)) as rows:
                    async for row in rows:
                        yield row
            for note in self._unheard():
                yield note

    def _unheard(self) -> Iterator[Note]:
        """Yield which answers are not known, whoever wrote it."""
        if self._receipts is None:
            return
        if self._receipts.lost is not None:
            yield Note(note=f"Answers may have been lost: {self._receipts.lost}")
        if self.tally.earlier:
            yield Note(note="--ack: those sent earlier are not asked again.")

    def failed(self, why: str) -> Iterator[Broadcast]:
        """Yield that no target got one message, which was not even begun."""
        for batch in self.plan.batches(_BATCH):
            for each in batch:
                self.tally.counts[Sent.FAILED] += 1
                yield _unreached(each.target, Sent.FAILED, why)

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """Add the time that sending takes: nobody's thinking, and no wait for a line."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._seconds += time.monotonic() - started

    async def whole(
        self, rows: AsyncGenerator[Row, None], told: Callable[[str], None]
    ) -> AsyncGenerator[Row, None]:
        """Yield the rows, and how it ended, also where that was from outside.

        `told` gets a line when it has to wait.
        """
        try:
            async with self._layer.sending(told) as self._send, aclosing(rows):
                async for row in rows:
                    yield row
        except (asyncio.CancelledError, Unwritable):
            for row in self._end() if self.tally.counts else ():
                yield row
            raise
        for row in self._end():
            yield row

    def _left_open(self) -> Iterator[Broadcast]:
        for target, state in self._before:
            status, reason = _BEFORE[state]
            self.tally.counts[status] += 1
            yield _unreached(target, status, reason)

    def _end(self) -> Sequence[Row]:
        """Return how to go on where something is left, and the summary."""
        summary = self.tally.summary(
            seconds=self._seconds,
            handlers_checked=bool(self._words.consumers)
            and Guarded.HANDLERS not in self._order.skip,
            skipped=tuple(sorted(self._order.skip)),
            unknown=tuple(sorted(self._admission.unknown)),
        )
        if summary.empty and not summary.sent and self._layer.looked is not None:
            return [Note(note=self._layer.looked), summary]
        if summary.wrote == 0 and not self.tally.answered:
            return [Note(note=_SILENT.format(self._order.ack)), summary]
        is_left = summary.unsent or summary.failed or (self._journal is not None and summary.empty)
        if not is_left or summary.messages is not None:  # lines that are gone cannot be resumed
            return [summary]
        if self._journal is not None:
            how = "The same command goes on from here, and sends nothing twice."
        else:
            how = "With --resume FILE from the start, the same command could go on from here."
        return [Note(note=how), summary]


def _unreached(target: "Target", status: Sent, reason: str) -> Broadcast:
    return Broadcast(room=target.room, group=target.group, status=status, reach=None, reason=reason)
