"""What the formats that are read by machines have in common."""

from typing import IO

from chatops.errors import Exit, Unwritable
from chatops.model.finding import Check
from chatops.model.message import Shown


class Held:
    """Keeps the checks and the errors of a run, to write them as one document at the end."""

    def __init__(self, out: IO[str], talk: IO[str] | None) -> None:
        self.checks: list[Check] = []
        self.errors: list[str] = []
        self._out = out
        self._talk = talk

    def show(self, value: Shown) -> None:
        """Keep a check; of progress such a reader has no use."""
        if isinstance(value, Check):
            self.checks.append(value)

    def error(self, message: str, code: Exit) -> None:
        """Keep what went wrong, and say it."""
        del code
        self.errors.append(message)
        self.note(message)

    def note(self, message: str) -> None:
        """Say what a person may want to know, where there is a place for it."""
        if self._talk is not None:
            self._talk.write(f"{message}\n")
            self._talk.flush()

    def close(self) -> None:
        """Wait for the end."""

    def finish(self, code: Exit) -> int:
        """Write the document."""
        self._out.write(self.document(code))
        self._out.flush()
        return code

    def lost(self, code: Exit) -> int:
        """Return the exit code where what was found could not be written."""
        return max(code, Unwritable.exit)

    def document(self, code: Exit) -> str:
        """Return all that is written, once the exit code is known."""
        raise NotImplementedError
