"""One broadcast on its way: who it is for, what was done, and what became of it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING, Any

from chatops.errors import Unwritable
from chatops.layers.base import LayerAdapter
from chatops.model.broadcast import Broadcast, Sent, Summary, Tally
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
from chatops.operations.targets import select
from chatops.project.words import Words

if TYPE_CHECKING:
    from chatops.model.target import Target
    from chatops.operations.journal import Journal
    from chatops.operations.receipts import Receipts

Row = Broadcast | Note | Progress | Summary

_SILENT = "Nobody answered: do the consumers use chatops.consumers.ReceiptMixin?"
_BEFORE = "an earlier run ended while it was sent"


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
        self.tally = Tally()
        self._layer = layer
        self._words = words
        self._order = order
        self._journal = journal
        self._admission = Admission(layer, words.consumers, order.skip)
        self._unsure: list[Target] = []
        self._receipts: Receipts | None = None
        self._started = time.monotonic()

    async def aim(self, aim: Aim) -> Found:
        """Find out who it is for; returns what was found by globs.

        What an earlier run began goes to those that it was for.
        """
        journal = self._journal
        if journal is None:
            return await select(self._layer, self._words.names, aim, self.plan)
        aim = journal.reading(aim, self._layer.alias)
        if journal.is_new:
            return await select(self._layer, self._words.names, aim, self.plan)
        for _ in aim.words:
            pass
        for place, target, state in journal.rest():
            if state is State.OPEN:
                self.plan.add(target, place)
            elif state is State.SENDING:
                self._unsure.append(target)
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
        async for row in foreseen(self._layer, self.plan, event):
            self.tally.counts[row.status] += 1
            yield row

    async def send(
        self, event: dict[str, Any] | None, told: Callable[[str], None]
    ) -> AsyncGenerator[Row, None]:
        """Send, and yield each room's outcome, also of what an earlier run left open."""
        if self._journal is not None and self._journal.is_new:
            self._journal.begin(self.plan)
        for unsure in self._left_open():
            yield unsure
        heard = nullcontext() if self._receipts is None else self._receipts.heard()
        async with heard, self._layer.sending(told) as send:
            delivery = Delivery(send, event, self.tally, self._journal, self._receipts)
            async with aclosing(delivery.all(self.plan, self._order.rate)) as rows:
                async for row in rows:
                    yield row

    async def whole(self, rows: AsyncGenerator[Row, None]) -> AsyncGenerator[Row, None]:
        """Yield the rows, and how it ended, also where that was from outside."""
        try:
            async with aclosing(rows):
                async for row in rows:
                    yield row
        except (asyncio.CancelledError, Unwritable):
            for row in self._end() if self.tally.counts else ():
                yield row
            raise
        for row in self._end():
            yield row

    def _left_open(self) -> Iterator[Broadcast]:
        for target in self._unsure:
            self.tally.counts[Sent.UNSURE] += 1
            yield Broadcast(
                room=target.room,
                group=target.group,
                status=Sent.UNSURE,
                reach=None,
                reason=_BEFORE,
            )

    def _end(self) -> Sequence[Row]:
        """Return how to go on where something is left, and the summary."""
        summary = self.tally.summary(
            seconds=time.monotonic() - self._started,
            handlers_checked=bool(self._words.consumers)
            and Guarded.HANDLERS not in self._order.skip,
            skipped=tuple(sorted(self._order.skip)),
            unknown=tuple(sorted(self._admission.unknown)),
        )
        if summary.wrote == 0 and not self.tally.answered:
            return [Note(note=_SILENT), summary]
        if not (summary.unsent or summary.failed):
            return [summary]
        if self._journal is not None:
            how = "The same command goes on from here, and sends nothing twice."
        else:
            how = "With --resume FILE from the start, the same command could go on from here."
        return [Note(note=how), summary]
