"""Send a plan, batch by batch, and say what became of each room."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chatops.errors import ChatopsError, LayerAway, Unwritable
from chatops.layers.base import Sending
from chatops.model.broadcast import Broadcast, Sent, Totals
from chatops.model.deliveries import Deliveries
from chatops.model.waiting import Progress
from chatops.operations.outcome import Outcome, Outcomes
from chatops.operations.pace import Pace
from chatops.operations.plan import Plan, Planned

if TYPE_CHECKING:
    from chatops.model.receipt import Receipt
    from chatops.operations.journal import Journal
    from chatops.operations.receipts import Receipts

Ghosts = Callable[[Sequence[str]], Awaitable[Sequence[int]]]
"""Counts the members of some groups whose process is gone."""

_FEW = 20
"""Targets of which somebody looks who is gone."""

_UNSENT = Outcome(Sent.UNSENT, reason="not tried, because it ended before")


class Delivery:
    """What goes out by `send`, the one `event` or each target's own; all of it is counted.

    Where there are few targets, `ghosts` says who of them is gone.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is what another room does
        self,
        send: Sending,
        ghosts: Ghosts,
        event: dict[str, Any] | None,
        tally: Totals,
        journal: "Journal | None" = None,
        receipts: "Receipts | None" = None,
    ) -> None:
        self._send = send
        self._ghosts = ghosts
        self._event = event
        self._tally = tally
        self._journal = journal
        self._receipts = receipts
        self._stop: BaseException | None = None
        self._is_small = False

    async def all(
        self, plan: Plan, rate: float | None
    ) -> AsyncGenerator[Broadcast | Progress, None]:
        """Send, and yield each room's outcome, also of what was not tried any more.

        What ended it is raised after that; a layer that is away only where nothing went out.
        """
        pace = Pace(rate, len(plan), waits=self._receipts is not None)
        self._is_small = len(plan) <= _FEW
        for batch in plan.batches(pace.size):
            done = await self._sent(batch, pace) if self._stop is None else None
            if isinstance(self._stop, LayerAway) and not self._tally.touched:
                raise self._stop
            receipts = await self._answered(batch, done)
            for row in _rows(batch, done, receipts):
                self._tally.add(row)
                yield row
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
            event = self._event or [each.event or {} for each in batch]
            if self._receipts is not None:
                event = self._receipts.expect(groups, event)
            done = await self._send(groups, event)
        except (asyncio.CancelledError, Unwritable) as error:
            self._stop = error
            if not is_begun:
                return None
            done = _all(batch, unsure="interrupted while it was sent")
        except ChatopsError as error:
            self._stop = error
            done = _all(batch, failed=error.told)
        if self._stop is None and self._is_small:
            done = await self._haunted(groups, done)
        try:
            if self._journal is not None:
                self._journal.ended(batch, done)
        except Unwritable as error:
            self._stop = self._stop or error
        return done

    async def _haunted(self, groups: Sequence[str], done: Deliveries) -> Deliveries:
        """Find out who of them is gone; interrupted, leave it."""
        asked = [at for at, reach in enumerate(done.reach) if reach and at not in done.failed]
        try:
            ghosts = await self._ghosts([groups[at] for at in asked]) if asked else ()
        except asyncio.CancelledError as error:
            self._stop = error
            return done
        found = {at: count for at, count in zip(asked, ghosts, strict=True) if count}
        return replace(done, ghosts=found) if found else done

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


def _rows(
    batch: Sequence[Planned], done: Deliveries | None, receipts: Sequence["Receipt | None"]
) -> Iterator[Broadcast]:
    outcomes = None if done is None else Outcomes(done)
    for position, planned in enumerate(batch):
        found = _UNSENT if outcomes is None else outcomes[position]
        yield Broadcast(
            room=planned.target.room,
            group=planned.target.group,
            status=found.status,
            reach=found.reach,
            ghosts=found.ghosts,
            dropped=found.dropped,
            reason=found.reason,
            receipt=receipts[position],
        )
