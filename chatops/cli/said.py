"""What is to be said and to whom, as the words and options of `broadcast` have it."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO
from uuid import uuid4

from chatops.cli import stdin
from chatops.cli.event import event as read
from chatops.errors import BadValue
from chatops.model.event import Level, Saying
from chatops.model.target import Aim

_USAGE = "ROOM… MESSAGE, ROOM… --event JSON or ROOM… --lines; --rooms-from FILE stands for a ROOM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The words, in their order, and the options that say what they are."""

    words: Sequence[str]
    rooms_from: str | None
    but: Sequence[str]
    is_group: bool
    is_lines: bool
    level: Level | None
    sender: str | None
    type: str | None
    event: str | None

    @property
    def _has_message(self) -> bool:
        return self.event is None and not self.is_lines

    def aim(self) -> Aim:
        """Return whom it is for; raises `BadValue` where nobody is named."""
        rooms = self.words[:-1] if self._has_message else self.words
        if not rooms and self.rooms_from is None:
            raise BadValue(f"No room is named: give {_USAGE}.")
        if self.is_lines and len(rooms) > 1 and len(rooms[-1].split()) > 1:
            raise BadValue(
                f"--lines: {rooms[-1]!r} is no room. Each line of stdin is a message: leave it out."
            )
        words = rooms if self.rooms_from is None else chain(rooms, _listed(self.rooms_from))
        return Aim(words=words, but=self.but, is_group=self.is_group)

    def saying(self) -> Saying:
        """Return what is said; raises `BadValue` for options that contradict one another."""
        self._require_one_stdin()
        if self.event is not None:
            return self._event(self.event)
        if not self.words and not self.is_lines:
            raise BadValue(f"There is no MESSAGE: give {_USAGE}.")
        message = "" if self.is_lines else self.words[-1]
        if message == "-":
            message = stdin.text("The message").removesuffix("\n")
        return Saying(message=message, level=self.level, sender=self.sender, type=self.type)

    def _event(self, event: str) -> Saying:
        for name, value in (("level", self.level), ("from", self.sender), ("type", self.type)):
            if value is not None:
                raise BadValue(f"--{name}: --event is the whole event; write it in there.")
        if self.is_lines:
            raise BadValue("--lines: --event is the whole event, and has no place for them.")
        return Saying(event=read(event))

    def _require_one_stdin(self) -> None:
        readers = {
            "--rooms-from -": self.rooms_from == "-",
            "--lines": self.is_lines,
            "--event -": self.event == "-",
            "MESSAGE -": self._has_message and self.words[-1:] == ["-"],
        }
        both = [name for name, reads in readers.items() if reads]
        if len(both) > 1:
            raise BadValue(f"{' and '.join(both)}: only one can read stdin.")


async def each_line(saying: Saying) -> AsyncGenerator[Saying, None]:
    """Yield one for each line of stdin that is not blank."""
    async for line in stdin.lines():
        if line.strip():
            at = datetime.now(UTC).isoformat()
            yield replace(saying, message=line, id=str(uuid4()), at=at)


def _listed(name: str) -> Iterator[str]:
    """Read one room a line; blank lines and what begins with # are passed over."""
    try:
        with stdin.spooled("The rooms") if name == "-" else Path(name).open("rb") as lines:
            yield from _rooms(lines)
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(f"--rooms-from: {name!r} cannot be read: {error}") from error


def _rooms(lines: IO[bytes]) -> Iterator[str]:
    for line in lines:
        word = line.decode("utf-8-sig").strip()
        if word and not word.startswith("#"):
            yield word
