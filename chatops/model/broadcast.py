"""What a broadcast did."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from chatops.errors import Exit
from chatops.model.result import Result
from chatops.model.room import Reach


class Sent(StrEnum):
    """How the broadcast to one room ended."""

    SENT = "sent"
    EMPTY = "empty"
    DROPPED = "dropped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Result):
    """What one broadcast did in one room.

    `reach` is `None` where the layer cannot know whom it reached. `dropped` counts the
    processes whose queue was full.
    """

    kind: ClassVar[str] = "broadcast"

    room: str | None
    group: str
    status: Sent
    reach: Reach | None
    dropped: int = 0
    reason: str | None = None

    @property
    def exit(self) -> Exit:
        """Sent is done; anything else is a no."""
        return Exit.DONE if self.status is Sent.SENT else Exit.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Result):
    """What a broadcast did in all its rooms together.

    `handlers_checked` is false where no ASGI application could be asked.
    """

    kind: ClassVar[str] = "summary"

    rooms: int
    sent: int
    failed: int
    seconds: float
    handlers_checked: bool

    @property
    def exit(self) -> Exit:
        """All, some or none."""
        if self.failed == 0:
            return Exit.DONE
        return Exit.PARTLY if self.sent else Exit.NO


def summarize(
    broadcasts: Sequence[Broadcast], *, seconds: float, handlers_checked: bool
) -> Summary:
    """Add up what was done in each room."""
    sent = sum(1 for each in broadcasts if each.status is Sent.SENT)
    return Summary(
        rooms=len(broadcasts),
        sent=sent,
        failed=len(broadcasts) - sent,
        seconds=round(seconds, 3),
        handlers_checked=handlers_checked,
    )
