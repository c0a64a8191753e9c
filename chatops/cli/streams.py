"""Where a command writes: stdout and stderr, or what `call_command` was given."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO

# Not `redirect_stdout`: that would redirect every thread of a server.
_GIVEN: ContextVar[tuple[IO[str], IO[str]] | None] = ContextVar("given", default=None)


def streams() -> tuple[IO[str], IO[str]]:
    """Return where results go, and where all talk goes."""
    given = _GIVEN.get()
    if given is not None:
        return given
    return _own(sys.stdout), _own(sys.stderr)


@contextmanager
def given(out: IO[str], talk: IO[str]) -> Iterator[None]:
    """Write there instead, in this thread, for as long as the block runs."""
    token = _GIVEN.set((out, talk))
    try:
        yield
    finally:
        _GIVEN.reset(token)


def _own(stream: IO[str] | None) -> IO[str]:
    if stream is None:  # it was closed before we were started
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - for the process's life
    if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")  # an ASCII terminal is no reason to stop
    return stream


def is_pipe() -> bool:
    """Tell whether our own stdout is a pipe or a socket, whose reader can leave."""
    mode = _mode()
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def is_socket() -> bool:
    """Tell whether our own stdout is a socket."""
    return stat.S_ISSOCK(_mode())


def _mode() -> int:
    if _GIVEN.get() is not None or sys.stdout is None:
        return 0
    try:
        return os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):  # stdout is no file: somebody's buffer
        return 0


def let_go() -> None:
    """Give up what cannot be written, which Python would try once more at the end, and fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def silence() -> None:
    """Write nothing more to a stdout that nobody reads, not even at the end of the process."""
    if is_pipe():
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
