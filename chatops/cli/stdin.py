"""What comes by stdin: all of it, or line by line while other things go on."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from typing import IO, TYPE_CHECKING

from chatops.errors import BadValue

if TYPE_CHECKING:
    from io import BufferedReader

_CHUNK = 1 << 16


def text(what: str) -> str:
    """Read all of stdin, which is `what`."""
    try:
        return _stdin(what).read().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadValue(f"{what} cannot be read from stdin: {error}") from error


def spooled(what: str) -> IO[bytes]:
    """Put all of stdin into a file without a name, because it may be larger than memory."""
    import tempfile  # noqa: PLC0415 - rarely needed

    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    try:
        shutil.copyfileobj(_stdin(what), file)
    except OSError as error:
        raise BadValue(f"{what} cannot be read from stdin: {error}") from error
    file.seek(0)
    return file


async def lines() -> AsyncGenerator[str, None]:
    """Yield each line as it comes, without its end; bytes that are no text are shown."""
    descriptor = _stdin("The lines").fileno()
    rest = b""
    while chunk := await _chunk(descriptor):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="backslashreplace")
    if rest:
        yield rest.decode(errors="backslashreplace")


async def _chunk(descriptor: int) -> bytes:
    """Wait for what comes next, such that a signal ends the wait."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # a file, which is always ready
        return os.read(descriptor, _CHUNK)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, _CHUNK)


def _stdin(what: str) -> "BufferedReader":
    if sys.stdin is None:
        raise BadValue(f"There is no stdin to read {what[0].lower()}{what[1:]} from.")
    return sys.stdin.buffer  # type: ignore[return-value] # typeshed has its base class
