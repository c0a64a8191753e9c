"""What an operation hands back: what happened, and what it means to the shell."""

from dataclasses import dataclass
from typing import ClassVar

from chatops.errors import Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that was done or seen.

    The field names of a subclass are the names in its JSON, and so are public.
    """

    kind: ClassVar[str]

    @property
    def exit(self) -> Exit:
        """What this result alone means for the exit code."""
        return Exit.DONE
