"""That something is waited for."""

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
