"""What a broadcast from code did."""

from dataclasses import dataclass

from chatops.errors import Exit
from chatops.model.broadcast import Broadcast, Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Each room's outcome, all of them together, and what a person would have been told."""

    rooms: tuple[Broadcast, ...]
    summary: Summary
    notes: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit:
        """The exit code with which the command would have ended."""
        return self.summary.exit

    @property
    def ok(self) -> bool:
        """Tell whether it reached every room."""
        return self.exit is Exit.DONE
