"""What the journal of an earlier run says."""

import json
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, ClassVar

from chatops.errors import BadValue
from chatops.model.event import Level, Saying
from chatops.model.target import Target


class State(IntEnum):
    """What became of one target, as far as it was written down."""

    OPEN = 0
    SENDING = 1
    DONE = 2
    UNSURE = 3
    DROPPED = 4


class Past:
    """A journal that was read; raises `BadValue` where it is none, or is damaged.

    A last line that is cut short was never finished: `torn` says so, and `length` is what is
    good. A target that was about to be sent, and no more is known, stays `SENDING`; one that
    nobody was in is `OPEN`, as it can be tried again.
    """

    VERSION: ClassVar = 1

    def __init__(self, file: Path) -> None:
        self._file = file
        self.torn = False
        self.length = 0
        self._states = bytearray()
        header, rest = {}, 0
        for number, line in self._lines():
            try:
                if number == 1:
                    header = self._header(line)
                elif "targets" in line:
                    rest += len([group for _, group in line["targets"]])
                else:
                    self._mark(line)
            except (LookupError, TypeError, ValueError, OverflowError) as error:
                raise BadValue(f"{file}: line {number} is damaged.") from error
        if rest != len(self._states) or not header:
            raise BadValue(f"{file} ends before its targets do: nothing was sent. Remove it.")

    def _header(self, line: dict[str, Any]) -> dict[str, Any]:
        if line.get("kind") != "journal":
            raise BadValue(f"{self._file} is not the journal of a broadcast.")
        if line["version"] != self.VERSION:
            raise BadValue(f"{self._file} was written by another version: {line['version']!r}.")
        self.asked = str(line["asked"])
        self._states = bytearray(line["targets"])
        said = line["saying"]
        self.saying = Saying(**{**said, "level": said["level"] and Level(said["level"])})
        return line

    def _mark(self, line: dict[str, Any]) -> None:
        for word, state in _MEANING.items():
            for place in line.get(word, ()):
                self._states[place] = state

    def targets(self) -> Iterator[tuple[int, Target, State]]:
        """Yield each target in its place, and what became of it."""
        place = 0
        for _, line in self._lines():
            if line.get("kind") == "journal" or "targets" not in line:
                continue
            for room, group in line["targets"]:
                yield place, Target(room=room, group=group), State(self._states[place])
                place += 1

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        self.length = 0
        try:
            with self._file.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    if not line.endswith(b"\n") and number > 1:
                        self.torn = True
                        return
                    yield number, self._read(number, line)
                    self.length += len(line)
        except OSError as error:
            raise BadValue(f"{self._file} cannot be read: {error.strerror}") from error

    def _read(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            return found
        if number == 1:
            raise BadValue(f"{self._file} is not the journal of a broadcast.")
        raise BadValue(f"{self._file}: line {number} is damaged.")


_MEANING = {
    "sending": State.SENDING,
    "sent": State.DONE,
    "failed": State.OPEN,
    "empty": State.OPEN,
    "dropped": State.DROPPED,
    "unsure": State.UNSURE,
}
