"""How much is said in a room."""

from dataclasses import dataclass
from typing import ClassVar

from chatops.model.result import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics(Talk):
    """What came in one room within `seconds`; `bytes` and `largest` are on the wire.

    Without a `group` it is what was in no room: gaps in all that are watched.
    """

    kind: ClassVar[str] = "stats"

    room: str | None
    group: str | None
    seconds: float
    messages: int
    per_s: float
    bytes: int
    largest: int
    gaps: int
    missed: int

    @property
    def said(self) -> str:
        """The same in one line."""
        line = (
            f"{self.room or self.group or 'everywhere'}  {self.per_s:g}/s  "
            f"{self.messages} messages, {self.bytes} bytes, the largest {self.largest}"
        )
        if not self.gaps:
            return line
        gaps = "1 gap" if self.gaps == 1 else f"{self.gaps} gaps"
        return f"{line}  {gaps}, {self.missed} known to be missing"
