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


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk(Result):
    """What is said beside the results, on stderr."""

    @property
    def said(self) -> str:
        """The same in a person's words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Talk):
    """What a person may want to know, and a script may pass over."""

    kind: ClassVar[str] = "note"

    note: str

    @property
    def said(self) -> str:
        """The note itself."""
        return self.note
