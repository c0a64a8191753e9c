"""What a replay has done so far."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chatops.model.broadcast import Broadcast, Sent
from chatops.model.message import Gap
from chatops.model.order import Guarded
from chatops.model.recorded import Flaw
from chatops.model.replayed import Replay
from chatops.model.waiting import Waiting
from chatops.operations.cleared import Cleared
from chatops.operations.outcome import Outcome
from chatops.operations.timeline import Take

if TYPE_CHECKING:
    from datetime import datetime


class Done:
    """Counts what was done, and says what came of each message."""

    def __init__(
        self, to_do: Cleared, *, handlers_checked: bool, skipped: Iterable[Guarded]
    ) -> None:
        self._to_do = to_do
        self._handlers_checked = handlers_checked
        self._skipped = tuple(sorted(map(str, skipped)))
        self._started = time.monotonic()
        self._counts: Counter[Sent] = Counter()
        self._gaps = self._flaws = 0
        self._until: datetime | None = None

    @property
    def touched(self) -> bool:
        """Tell whether anything went out, or may have."""
        return self._counts.total() > self._counts[Sent.FAILED]

    def told(self, each: Waiting | Gap | Flaw) -> None:
        """Count what is no message."""
        self._gaps += isinstance(each, Gap)
        self._flaws += isinstance(each, Flaw)

    def planned(self, take: Take) -> Broadcast:
        """Count one that would be sent."""
        return replace(self.sent(take, Outcome(Sent.PLANNED)), event=take.message.body)

    def unsure(self, takes: Sequence[Take]) -> None:
        """Count those that were being sent when we were stopped."""
        for take in takes:
            self.sent(take, Outcome(Sent.UNSURE))

    def sent(self, take: Take, outcome: Outcome) -> Broadcast:
        """Count one that was sent, and say what came of it."""
        self._counts[outcome.status] += 1
        self._until = take.message.seen_at
        return Broadcast(
            room=take.target.room,
            group=take.target.group,
            status=outcome.status,
            reach=outcome.reach,
            dropped=outcome.dropped,
            reason=outcome.reason,
            line=take.line,
        )

    def summary(self, *, interrupted: bool = False) -> Replay:
        """Add it up."""
        counts = {str(status): self._counts[status] for status in Sent if status != Sent.UNSENT}
        return Replay(
            messages=self._to_do.messages + self._to_do.unreadable,
            **counts,
            unreadable=self._to_do.unreadable,
            gaps=self._gaps,
            flaws=self._flaws,
            until=self._until,
            seconds=round(time.monotonic() - self._started, 3),
            interrupted=interrupted,
            handlers_checked=self._handlers_checked,
            skipped=self._skipped,
        )
