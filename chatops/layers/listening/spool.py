"""A bounded queue of frames in a file without a name, between two processes after a fork."""

import mmap
import os
import pickle
import struct
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chatops.errors import ChatopsError, Unwritable
from chatops.layers.listening.feed import Frame

SIZE = 256 << 20
"""Bytes that wait for whoever reads."""

_HEAD = struct.Struct("<hBdqI")
_DATA, _HOLE, _WORD = range(3)
_WRITTEN, _TAKEN, _BASE, _WAITS = range(4)
_SMALL = 4 << 20
_TMPDIR = "Name a folder that takes one in TMPDIR."
_TOGETHER = 4
"""Frames that are handed over as one; more are no faster."""


class Word(NamedTuple):
    """What the writing process says of itself: that it listens, or why it cannot."""

    error: ChatopsError | None


class Spool:
    """One process puts frames in, the other takes them out, each at its own speed.

    A ring: positions only grow. Where all was taken the file begins anew, and so stays small.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        try:
            self._file = tempfile.TemporaryFile(prefix="chatops-", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise Unwritable(f"What is heard needs a temporary file: {error}", _TMPDIR) from error
        self._page = mmap.mmap(-1, mmap.PAGESIZE)
        self._numbers = memoryview(self._page).cast("q")  # each is written in one go, by one side

    def close(self) -> None:
        """Give the file back."""
        self._numbers.release()
        self._page.close()
        self._file.close()

    @property
    def size(self) -> int:
        """How many bytes fit."""
        return self._size

    @property
    def left(self) -> int:
        """How many more bytes fit now."""
        return self._size - (self._numbers[_WRITTEN] - self._numbers[_TAKEN])

    @property
    def waits(self) -> bool:
        """Whether the side that reads sleeps until it is woken."""
        return bool(self._numbers[_WAITS])

    @waits.setter
    def waits(self, value: bool) -> None:
        self._numbers[_WAITS] = value

    # ------------------------------------------------------------ the side that writes

    def put(self, frame: Frame) -> bool:
        """Add a frame; tells whether it did fit."""
        data = frame.data if frame.hole is None else pickle.dumps(frame.hole)
        return self._add(_DATA if frame.hole is None else _HOLE, frame, data)

    def say(self, word: Word) -> None:
        """Add a word; there is always room for one."""
        error = word.error
        told = None if error is None else (type(error), str(error), error.fix)
        self._add(_WORD, Frame(0, 0.0), pickle.dumps(told))

    def _add(self, kind: int, frame: Frame, data: bytes) -> bool:
        messages = -1 if frame.messages is None else frame.messages
        head = _HEAD.pack(frame.host, kind, frame.at, messages, len(data))
        written = self._numbers[_WRITTEN]
        if written == self._numbers[_TAKEN]:
            if written - self._numbers[_BASE] > _SMALL:
                os.ftruncate(self._file.fileno(), 0)
            self._numbers[_BASE] = written
        if len(head) + len(data) > self.left:
            return False
        try:
            self._write(written, head + data)
        except OSError:  # the disk is full
            return False
        self._numbers[_WRITTEN] = written + len(head) + len(data)
        return True

    def _write(self, position: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            place = (position - self._numbers[_BASE]) % self._size
            done = os.pwrite(self._file.fileno(), view[: self._size - place], place)
            position, view = position + done, view[done:]

    # ------------------------------------------------------------ the side that reads

    def take(self) -> Iterator[Frame | Word]:
        """Yield what is there, and make room for as much.

        Bytes of one server that anyway may end in the middle of a message come together: to whom
        has fallen behind, each frame costs.
        """
        held: list[Frame] = []
        for each in self._each():
            part = each if isinstance(each, Frame) and each.data and each.messages is None else None
            if held and not (part and part.host == held[0].host and len(held) < _TOGETHER):
                yield _joined(held)
                held = []
            if part:
                held.append(part)
            else:
                yield each
        if held:
            yield _joined(held)

    def _each(self) -> Iterator[Frame | Word]:
        while (taken := self._numbers[_TAKEN]) < self._numbers[_WRITTEN]:
            head = self._read(taken, _HEAD.size)
            host, kind, at, messages, length = _HEAD.unpack(head)
            data = self._read(taken + _HEAD.size, length)
            self._numbers[_TAKEN] = taken + _HEAD.size + length
            if kind == _WORD:
                yield _word(data)
            elif kind == _HOLE:
                yield Frame(host, at, hole=pickle.loads(data))  # noqa: S301 - our own
            else:
                yield Frame(host, at, data, None if messages < 0 else messages)

    def _read(self, position: int, length: int) -> bytes:
        parts = []
        while length:
            place = (position - self._numbers[_BASE]) % self._size
            part = os.pread(self._file.fileno(), min(length, self._size - place), place)
            if not part:
                raise Unwritable("The temporary file for what is heard was cut short.")
            parts.append(part)
            position, length = position + len(part), length - len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _joined(frames: Sequence[Frame]) -> Frame:
    return frames[0]._replace(data=b"".join([each.data for each in frames]))


def _word(data: bytes) -> Word:
    told = pickle.loads(data)  # noqa: S301 - our own
    if told is None:
        return Word(None)
    kind, message, fix = told
    return Word(kind(message, fix))
