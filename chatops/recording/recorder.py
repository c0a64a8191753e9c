"""Write a recording, so that it is whole whatever happens."""

import fcntl
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from chatops.errors import BadValue, Unwritable
from chatops.model.message import Gap, Message
from chatops.recording.lines import VERSION, header, line
from chatops.recording.packing import Damaged, packer, unpacked
from chatops.recording.reading import require_recording

_CHUNK = 1 << 16


class Recorder:
    """Appends what is seen to a recording, which may be there already.

    What one `record` is given is in the file when it returns, also if we are killed then. Raises
    `BadValue` for a file that is no recording, which stays as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pack = packer(path)
        self._file = -1

    def __enter__(self) -> Self:
        mode = os.O_RDWR | os.O_CREAT | os.O_APPEND
        try:
            self._file = os.open(self._path, mode, 0o600)  # what people said to one another
        except OSError as error:
            raise BadValue(
                f"{str(self._path)!r} cannot be recorded to: {error.strerror}."
            ) from error
        try:
            self._begin()
        except BaseException:
            os.close(self._file)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._file)

    def record(self, values: Sequence[Message | Gap]) -> None:
        """Append the values; raises `Unwritable` where they do not all fit, and then has none."""
        if values:
            self._append(b"".join(map(line, values)))

    def _begin(self) -> None:
        here = os.fstat(self._file)
        if not stat.S_ISREG(here.st_mode):
            raise BadValue(f"{str(self._path)!r} cannot be recorded to: it is no regular file.")
        mended = b"" if here.st_size == 0 else self._mended()
        try:
            # Not flock: what we fork would hold it on after we were killed.
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BadValue(f"{str(self._path)!r} is being recorded to by another.") from error
        self._append(mended + header())

    def _mended(self) -> bytes:
        """Return what ends the last line, where that was cut short."""
        with unpacked(self._path) as file:
            version = require_recording(self._path, file).version
            if version != VERSION:
                raise BadValue(
                    f"{str(self._path)!r} is a recording of version {version}, and this chatops "
                    f"writes version {VERSION}: record to another file."
                )
            if self._pack is bytes:
                file.seek(-1, os.SEEK_END)
            last = b"\n"
            try:
                while chunk := file.read(_CHUNK):
                    last = chunk
            except Damaged as error:
                raise BadValue(
                    f"{str(self._path)!r} is damaged at its end: {error}. What is written behind "
                    "that could not be read: record to another file."
                ) from error
        return b"" if last.endswith(b"\n") else b"\n"

    def _append(self, data: bytes) -> None:
        packed = memoryview(self._pack(data))
        good = os.fstat(self._file).st_size
        try:
            while packed:
                packed = packed[os.write(self._file, packed) :]
        except OSError as error:
            os.ftruncate(self._file, good)
            raise Unwritable(
                f"The recording {str(self._path)!r} cannot be written: {error.strerror}. "
                "What it has so far is whole."
            ) from error
