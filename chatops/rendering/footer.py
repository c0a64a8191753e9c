"""The last line of a live terminal: what there is to know, and what is being typed."""

import unicodedata
from dataclasses import dataclass

from chatops.rendering.paint import Paint
from chatops.rendering.visible import visible

CLEAR = "\r\x1b[K"
"""Takes the footer away; what is written then takes its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What the footer says; `typed` is a filter that is not finished, `wrong` why it cannot be."""

    seen: int
    per_s: float
    missed: int
    paused: bool = False
    filter: str = ""
    typed: str | None = None
    wrong: str = ""

    def drawn(self, paint: Paint, width: int) -> str:
        """Return the line, no wider than the terminal, without its end."""
        if self.typed is not None:
            line = f"/{visible(self.typed)}_  {self.wrong or 'Enter filters, Esc leaves it'}"
        else:
            parts = [
                "PAUSED" if self.paused else "",
                f"{self.per_s:,.0f}/s",
                f"{self.seen:,} seen",
                f"{self.missed:,} missed" if self.missed else "none missed",
                f"/{visible(self.filter)}/" if self.filter else "",
                "space goes on" if self.paused else "space pauses",
                "/ filters",
                "q quits",
            ]
            line = "  ".join(filter(None, parts))
        return paint("dim", _fitting(line, width - 1))


def _fitting(line: str, width: int) -> str:
    """Return as much of a line as is no wider; a wide letter takes two places."""
    taken = 0
    for index, letter in enumerate(line):
        taken += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if taken > width:
            return line[:index]
    return line
