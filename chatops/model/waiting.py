"""That something is waited for, or goes on."""

from dataclasses import dataclass
from typing import ClassVar

from chatops.model.result import Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Talk):
    """What is not there yet, and for how many seconds more it is waited for.

    Progress: for a person at a terminal, and for nobody else.
    """

    kind: ClassVar[str] = "waiting"

    what: str
    seconds: float

    @property
    def said(self) -> str:
        """What we wait for."""
        return f"{self.what}; waiting up to {self.seconds:.0f} s more."


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Waiting):
    """How far something is, and how many seconds it will take from here."""

    per_s: float

    @property
    def said(self) -> str:
        """How far, how fast, how long yet."""
        return f"{self.what}, {self.per_s:,.0f} a second, {self.seconds:.0f} s left."
