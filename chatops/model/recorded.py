"""What a recording holds."""

from dataclasses import dataclass
from typing import ClassVar

from chatops.model.message import Gap, Message
from chatops.model.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Result):
    """From here on, one `tail` wrote; a recording that was gone on with has several."""

    kind: ClassVar[str] = "recording"

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw(Result):
    """Lines that could not be read, from `line` on; what is good before and behind them counts.

    `lines` is `None` where nobody knows how many they are: nothing behind them could be read.
    """

    kind: ClassVar[str] = "flaw"

    line: int
    lines: int | None
    reason: str


Recorded = Began | Message | Gap
"""What was good."""
