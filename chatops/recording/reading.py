"""Read a recording as far as it is good, and tell the rest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from chatops.errors import BadValue
from chatops.model.recorded import Began, Flaw, Recorded
from chatops.recording.lines import VERSION, read
from chatops.recording.packing import Damaged, unpacked

_LONGEST = 1 << 26
"""Bytes that a line may have; a longer one is none of ours."""


def settled(path: Path) -> Callable[[], Iterator[Recorded | Flaw]]:
    """Return what reads a recording as `recorded` does, each time as far as it goes now."""
    end = None
    with suppress(OSError):  # reading says why
        end = path.stat().st_size
    return partial(recorded, path, end)


def recorded(path: Path, end: int | None = None) -> Iterator[Recorded | Flaw]:
    """Yield what a recording says, line by line, and a flaw for what cannot be read.

    What was written behind the `end` is not read. Raises `BadValue` where the file is not there,
    or is no recording.
    """
    with opened(path, end) as file:
        yield from _understood(file)


@contextmanager
def opened(path: Path, end: int | None = None) -> Iterator[BinaryIO]:
    """Open a recording, at its start; raises `BadValue` where it is none."""
    try:
        if not path.is_dir() and path.exists() and not path.is_file():
            raise BadValue(f"{str(path)!r} is no regular file, and is read more than once.")
        with unpacked(path, end) as file:
            require_recording(path, file)
        with unpacked(path, end) as file:
            yield file
    except OSError as error:
        raise BadValue(f"{str(path)!r} cannot be read: {error.strerror or error}") from error


def require_recording(path: Path, file: BinaryIO) -> Began:
    """Return what the first line says; raises `BadValue` where it is not a header."""
    try:
        first = read(file.readline(_LONGEST))
    except (ValueError, Damaged) as error:
        why = f"it is {error}" if isinstance(error, Damaged) else "its first line is no header"
        raise BadValue(
            f"{str(path)!r} is no recording: {why}. `chatops tail ROOM --record FILE` makes one."
        ) from error
    if not isinstance(first, Began):
        raise BadValue(f"{str(path)!r} is no recording: it does not begin with a header.")
    return first


def _understood(file: BinaryIO) -> Iterator[Recorded | Flaw]:
    """Yield what lines say; those that follow one another and say nothing are one flaw."""
    bad: Flaw | None = None
    number = 0
    try:
        for number, text in enumerate(_lines(file), 1):
            try:
                value = read(text)
            except ValueError as error:
                bad = _flaw(number, text, error) if bad is None else _longer(bad, number)
                continue
            if bad is not None:
                yield bad
                bad = None
            if isinstance(value, Began) and value.version != VERSION:
                yield Flaw(line=number, lines=None, reason=_other(value.version))
                return
            yield value
    except Damaged as error:
        yield bad or Flaw(line=number + 1, lines=None, reason=str(error))
        return
    if bad is not None:
        yield bad


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while text := file.readline(_LONGEST):
        yield text
        while _is_part(text):
            text = file.readline(_LONGEST)


def _is_part(text: bytes) -> bool:
    return len(text) == _LONGEST and not text.endswith(b"\n")


def _flaw(number: int, text: bytes, error: ValueError) -> Flaw:
    whole = text.endswith(b"\n") or _is_part(text)
    return Flaw(line=number, lines=1, reason=str(error) if whole else "cut short")


def _longer(flaw: Flaw, until: int) -> Flaw:
    return Flaw(line=flaw.line, lines=until - flaw.line + 1, reason=flaw.reason)


def _other(version: int) -> str:
    return (
        f"from here on a recording of version {version}, and this chatops knows version {VERSION}: "
        "update it"
    )
