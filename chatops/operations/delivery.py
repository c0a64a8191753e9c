"""Send a plan, batch by batch, and say what became of each room."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatops.errors import ChatopsError, LayerAway, Unwritable
from chatops.layers.base import Sending
from chatops.model.broadcast import Broadcast, Sent, Tally
from chatops.model.deliveries import Deliveries
from chatops.model.room import Reach
from chatops.model.waiting import Progress
from chatops.operations.pace import Pace
from chatops.operations.plan import Plan, Planned

if TYPE_CHECKING:
    from chatops.model.receipt import Receipt
    from chatops.operations.journal import Journal
    from chatops.operations.receipts import Receipts

_NOT_TRIED = "not tried, because it ended before"


class Delivery:
    """What goes out by `send`, the one `event` or each target's own; all of it is counted."""

    def __init__(
        self,
        send: Sending,
        event: dict[str, Any] | None,
        tally: Tally,
        journal: "Journal | None" = None,
        receipts: "Receipts | None" = None,
    ) -> None:
        self._send = send
        self._event = event
        self._tally = tally
        self._journal = journal
        self._receipts = receipts
        self._stop: BaseException | None = None

    async def all(
        self, plan: Plan, rate: float | None
    ) -> AsyncGenerator[Broadcast | Progress, None]:
        """Send, and yield each room's outcome, also of what was not tried any more.

        What ended it is raised after that; a layer that is away only where nothing went out.
        """
        pace = Pace(rate, len(plan))
        for batch in plan.batches(pace.size):
            done = await self._sent(batch, pace) if self._stop is None else None
            if isinstance(self._stop, LayerAway) and not self._tally.touched:
                raise self._stop
            receipts = await self._answered(batch, done)
            for row, receipt in zip(_rows(batch, done), receipts, strict=True):
                told = row if receipt is None else replace(row, receipt=receipt)
                self._tally.add(told)
                yield told
            if self._stop is None and (progress := pace.progress()) is not None:
                yield progress
        if self._stop is not None and not isinstance(self._stop, LayerAway):
            raise self._stop

    async def _sent(self, batch: Sequence[Planned], pace: Pace) -> Deliveries | None:
        """Send one batch; `None` where that was not even begun."""
        is_begun = False
        try:
            await pace.turn(len(batch))
            if self._journal is not None:
                self._journal.sending(batch)
            is_begun = True
            groups = [each.target.group for each in batch]
            events = [each.event or {} for each in batch]
            done = await self._send(groups, events if self._event is None else self._event)
        except (asyncio.CancelledError, Unwritable) as error:
            self._stop = error
            if not is_begun:
                return None
            done = _all(batch, unsure="interrupted while it was sent")
        except ChatopsError as error:
            self._stop = error
            done = _all(batch, failed=str(error))
        try:
            if self._journal is not None:
                self._journal.ended(batch, done)
        except Unwritable as error:
            self._stop = self._stop or error
        return done

    async def _answered(
        self, batch: Sequence[Planned], done: Deliveries | None
    ) -> Sequence["Receipt | None"]:
        """Wait for the receipts of one batch; interrupted, return those that came."""
        if self._receipts is None or done is None:
            return [None] * len(batch)
        groups = [each.target.group for each in batch]
        if self._stop is None:
            try:
                await self._receipts.wait(groups, done)
            except asyncio.CancelledError as error:
                self._stop = error
        return self._receipts.of(groups, done)


def _all(batch: Sequence[Planned], **why: str) -> Deliveries:
    every = {how: dict.fromkeys(range(len(batch)), text) for how, text in why.items()}
    return Deliveries(unit=None, reach=[None] * len(batch), **every)  # type: ignore[arg-type]


def _rows(batch: Sequence[Planned], done: Deliveries | None) -> Iterator[Broadcast]:
    reaches: dict[int | None, Reach | None] = {None: None}
    for position, planned in enumerate(batch):
        room, group = planned.target.room, planned.target.group
        if done is None:
            yield Broadcast(
                room=room, group=group, status=Sent.UNSENT, reach=None, reason=_NOT_TRIED
            )
            continue
        count = done.reach[position]
        if count not in reaches and done.unit is not None and count is not None:
            reaches[count] = Reach(count=count, unit=done.unit)
        status, reason = _outcome(position, done)
        yield Broadcast(
            room=room,
            group=group,
            status=status,
            reach=reaches.get(count),
            dropped=done.dropped.get(position, 0),
            reason=reason,
        )


def _outcome(position: int, done: Deliveries) -> tuple[Sent, str | None]:
    if position in done.failed:
        return Sent.FAILED, done.failed[position]
    if position in done.unsure:
        return Sent.UNSURE, done.unsure[position]
    if dropped := done.dropped.get(position):
        queues = "1 full queue" if dropped == 1 else f"{dropped} full queues"
        return Sent.DROPPED, f"{queues} dropped it"
    if done.reach[position] == 0:
        return Sent.EMPTY, "nobody is in it"
    return Sent.SENT, None
