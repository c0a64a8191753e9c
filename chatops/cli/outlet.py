"""Our stdout for what is written by the batch: it never makes the event loop wait."""

import asyncio
import os
import select
import socket
import stat
from contextlib import suppress
from typing import IO

from chatops.errors import Unwritable


class Outlet:
    """Writes all of a text, and lets signals and timers work where the reader is slow.

    A terminal is opened once more, because what is set on its descriptor, others share. Into a
    pipe go as many bytes at once as are taken without waiting, and into a socket what it takes.
    Anything else is written to.
    """

    def __init__(self, out: IO[str]) -> None:
        self.out = out
        self._encoding = getattr(out, "encoding", None) or "utf-8"
        self._lock = asyncio.Lock()
        self._descriptor, self._at_once = _opened(out)
        self._owned = self._at_once > select.PIPE_BUF
        self._socket = _socket(self._descriptor)

    async def write(self, text: str) -> None:
        """Write it all; raises `BrokenPipeError` where the reader has left, else `Unwritable`."""
        try:
            async with self._lock:
                await self._written(text)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise BrokenPipeError from error
        except OSError as error:
            raise Unwritable(f"The output cannot be written: {error}") from error

    def attempt(self, text: str) -> None:
        """Write a few bytes where that needs no waiting, else nothing."""
        if self._descriptor is None or self._lock.locked():
            return
        with suppress(OSError):
            if _is_ready(self._descriptor):
                self._put(text.encode())

    def close(self) -> None:
        """Let go of what was opened here."""
        if self._socket is not None:
            self._socket.detach()  # it is not ours
        if self._owned and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor, self._owned = None, False

    async def _written(self, text: str) -> None:
        if self._descriptor is None:
            self.out.write(text)
            self.out.flush()
            return
        data = memoryview(text.encode(self._encoding, "backslashreplace"))
        while data:
            if not _is_ready(self._descriptor):
                await _writable(self._descriptor)
            with suppress(BlockingIOError):
                data = data[self._put(data[: self._at_once]) :]

    def _put(self, data: bytes | memoryview) -> int:
        """Write what is taken without waiting; returns how much."""
        if self._socket is not None:
            return self._socket.send(data, socket.MSG_DONTWAIT)
        assert self._descriptor is not None, "there is one to write to"  # noqa: S101 - for mypy
        return os.write(self._descriptor, data)


def _opened(out: IO[str]) -> tuple[int | None, int]:
    """Return the descriptor to write to, and how many bytes at once; none where to `out` itself."""
    try:
        descriptor = out.fileno()
        mode = os.fstat(descriptor).st_mode
    except (OSError, ValueError, AttributeError):  # somebody's buffer
        return None, 0
    out.flush()
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return descriptor, select.PIPE_BUF
    if out.isatty():
        with suppress(OSError):
            name = os.ttyname(descriptor)
            return os.open(name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY), 1 << 16
    return None, 0


def _socket(descriptor: int | None) -> socket.socket | None:
    if descriptor is None or not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return None
    return socket.socket(fileno=descriptor)


def _is_ready(descriptor: int) -> bool:
    ready = select.poll()
    ready.register(descriptor, select.POLLOUT)
    return bool(ready.poll(0))


async def _writable(descriptor: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(descriptor)
