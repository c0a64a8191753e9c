"""How a recording is compressed, by its name: `.gz`, `.zst`, or not at all."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from chatops.errors import BadValue

_CHUNK = 1 << 14
"""Bytes that are unpacked at once: what a hostile file makes of them must still fit in memory."""


class Damaged(Exception):
    """What was compressed ends in the middle, or is not what was written."""


def packer(path: Path) -> Callable[[bytes], bytes]:
    """Return what makes of some bytes a whole that is read by itself and may follow others.

    Raises `BadValue` where the library for it is missing.
    """
    match path.suffix:
        case ".gz":
            return gzip.compress
        case ".zst":
            pack: Callable[[bytes], bytes] = _zstandard(path).ZstdCompressor().compress
            return pack
        case _:
            return bytes


def unpacked(path: Path, end: int | None = None) -> BinaryIO:
    """Open a recording; reading raises `Damaged` once all that was good has been read.

    What was written behind the `end` is not read.
    """
    match path.suffix:
        case ".gz":
            file = _Until(path, end)
            return io.BufferedReader(_Members(file, lambda: zlib.decompressobj(31), zlib.error))
        case ".zst":
            library = _zstandard(path)
            unpacker = library.ZstdDecompressor().decompressobj
            return io.BufferedReader(_Members(_Until(path, end), unpacker, library.ZstdError))
        case _:
            return io.BufferedReader(_Until(path, end))


def _zstandard(path: Path) -> Any:  # noqa: ANN401 - a module
    try:
        import zstandard  # noqa: PLC0415 - for who asks for it
    except ImportError:
        raise BadValue(
            f"{str(path)!r} needs the package zstandard: pip install 'django-chatops[zst]'. "
            "Or name a file that ends in .gz."
        ) from None
    return zstandard


class _Until(io.FileIO):
    """A file as far as it once went; all of it, where `end` is `None`."""

    def __init__(self, path: Path, end: int | None) -> None:
        super().__init__(path)
        self._end = end

    def readinto(self, target: Any) -> int | None:  # noqa: ANN401 - a buffer
        """Fill the target with what comes next; 0 at the end."""
        left = None if self._end is None else max(0, self._end - self.tell())
        return super().readinto(memoryview(target)[:left])


class _Members(io.RawIOBase):
    """What the members of a file hold, one after the other, each with an unpacker of its own."""

    def __init__(
        self, file: io.RawIOBase, unpacker: Callable[[], Any], wrong: type[Exception]
    ) -> None:
        self._file = io.BufferedReader(file)
        self._unpacker = unpacker
        self._wrong = wrong
        self._member: Any = None
        self._packed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Promise what `BufferedReader` asks for."""
        return True

    def readinto(self, target: Any) -> int:  # noqa: ANN401 - a buffer
        """Fill the target with what comes next; 0 at the end."""
        while not self._ready:
            self._packed = self._packed or self._file.read(_CHUNK)
            if not self._packed:
                if self._member is not None:
                    raise Damaged("cut short")
                return 0
            self._ready = memoryview(self._unpack())
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> bytes:
        self._member = self._member or self._unpacker()
        try:
            data: bytes = self._member.decompress(self._packed)
        except self._wrong as error:
            raise Damaged(f"not readable from here on ({error})") from error
        self._packed = self._member.unused_data
        if self._member.eof:
            self._member = None
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
