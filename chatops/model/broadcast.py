"""What a broadcast did."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from chatops.errors import Exit
from chatops.model.receipt import Receipt
from chatops.model.result import Result
from chatops.model.room import Reach


class Sent(StrEnum):
    """How the broadcast to one room ended.

    `UNSURE` is what may have gone out: the server went away in between. `UNSENT` was not tried.
    """

    SENT = "sent"
    EMPTY = "empty"
    DROPPED = "dropped"
    FAILED = "failed"
    UNSURE = "unsure"
    UNSENT = "unsent"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Result):
    """What one broadcast did in one room.

    `reach` is `None` where the layer cannot know whom it reached. `dropped` counts the
    processes whose queue was full, `ghosts` the members whose process is gone, as far as that was
    looked at. `line` is the number of the message, where there are
    several. `bytes` and `event` are those of a plan. `receipt` is what consumers answered, where
    they were asked.
    """

    kind: ClassVar[str] = "broadcast"

    room: str | None
    group: str
    status: Sent
    reach: Reach | None
    dropped: int = 0
    ghosts: int = 0
    reason: str | None = None
    line: int | None = None
    bytes: int | None = None
    event: dict[str, Any] | None = None
    receipt: Receipt | None = None

    @property
    def exit(self) -> Exit:
        """Sent is done, where all wrote it that were asked; anything else is a no."""
        if self.receipt is not None and not self.receipt.is_complete:
            return Exit.PARTLY if self.receipt.wrote else Exit.NO
        return Exit.DONE if self.status in {Sent.SENT, Sent.PLANNED} else Exit.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Result):
    """What a broadcast did in all its rooms together: how many of them ended in which way.

    `earlier` counts those that had it before this was resumed, `refused` the lines that could
    not be sent at all. `handlers_checked` is false where no ASGI application could be asked;
    `skipped` names what was not made sure of because somebody said so, `unknown` what could not
    be: there was nobody to ask, or nothing to look at. `wrote` is how many sockets did, `None`
    where nobody asked, and `unconfirmed` in how many rooms that were sent to not all of them.
    `messages` is how many lines there were, where each was one: each room counts for each then.
    """

    kind: ClassVar[str] = "summary"

    rooms: int
    sent: int
    failed: int
    seconds: float
    handlers_checked: bool
    empty: int = 0
    dropped: int = 0
    unsure: int = 0
    unsent: int = 0
    planned: int = 0
    earlier: int = 0
    refused: int = 0
    per_s: float | None = None
    skipped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    wrote: int | None = None
    unconfirmed: int = 0
    messages: int | None = None

    @property
    def exit(self) -> Exit:
        """All, some or none."""
        if self.messages == 0:
            return Exit.NO
        lacking = self.refused or self.unconfirmed
        if self.rooms == self.sent + self.planned + self.earlier and not lacking:
            return Exit.DONE
        if self.wrote == 0 and not self.earlier:
            return Exit.NO
        return Exit.PARTLY if self.sent or self.earlier or self.unsure else Exit.NO


@dataclass(slots=True)
class Totals:
    """Counts what was done, as it is done."""

    counts: Counter[Sent] = field(default_factory=Counter)
    earlier: int = 0
    refused: int = 0
    messages: int | None = None
    wrote: int | None = None
    answered: int = 0
    unconfirmed: int = 0

    def add(self, row: Broadcast) -> None:
        """Count one more room."""
        self.counts[row.status] += 1
        if row.receipt is not None:
            self.wrote = (self.wrote or 0) + row.receipt.wrote
            self.answered += row.receipt.answered
            self.unconfirmed += row.status is Sent.SENT and not row.receipt.is_complete

    @property
    def touched(self) -> bool:
        """Tell whether anything went out, or may have."""
        return bool(self.earlier or self.counts.total() - self.counts[Sent.FAILED])

    def summary(
        self,
        *,
        seconds: float,
        handlers_checked: bool,
        skipped: tuple[str, ...] = (),
        unknown: tuple[str, ...] = (),
    ) -> Summary:
        """Add it up."""
        sent = self.counts[Sent.SENT]
        return Summary(
            rooms=self.counts.total() + self.earlier,
            **{str(status): self.counts[status] for status in Sent},
            earlier=self.earlier,
            refused=self.refused,
            seconds=round(seconds, 3),
            per_s=round(sent / seconds, 1) if sent and seconds > 0 else None,
            handlers_checked=handlers_checked,
            skipped=skipped,
            unknown=unknown,
            wrote=self.wrote,
            unconfirmed=self.unconfirmed,
            messages=self.messages,
        )
