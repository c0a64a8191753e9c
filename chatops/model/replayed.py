"""What a replay did."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chatops.errors import Exit
from chatops.model.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Result):
    """What came of a recording: how many of its `messages` ended in which way.

    Those that `--only` leaves out do not count. `unreadable` ones were not readable when they
    were recorded, and cannot be sent; `until` is when the last that was tried was seen then.
    `gaps` are the recording's own, `flaws` the places where it is damaged. `skipped` names
    what was not made sure of because somebody said so.
    """

    kind: ClassVar[str] = "replay"

    messages: int
    sent: int
    empty: int
    dropped: int
    failed: int
    unsure: int
    planned: int
    unreadable: int
    gaps: int
    flaws: int
    until: datetime | None
    seconds: float
    interrupted: bool
    handlers_checked: bool
    skipped: tuple[str, ...]

    @property
    def exit(self) -> Exit:
        """All, some or none; what is damaged was not all."""
        good = self.sent + self.planned
        if good == self.messages and good and not self.flaws:
            return Exit.DONE
        return Exit.PARTLY if good or self.unsure else Exit.NO
