"""What ends a command from outside: signals, and a reader that has left."""

import asyncio
import contextlib
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def unwound(task: "asyncio.Future[None]", left: asyncio.Event) -> Iterator[None]:
    """Cancel the task on SIGTERM and SIGHUP, and when nobody reads stdout any more."""
    loop = asyncio.get_running_loop()

    def leave() -> None:
        left.set()
        task.cancel()

    in_main = threading.current_thread() is threading.main_thread()
    signals = [signal.SIGTERM, signal.SIGHUP] if in_main else []
    for each in signals:
        loop.add_signal_handler(each, task.cancel)
    if pipe := _pipe():
        loop.add_reader(pipe, leave)  # the writing end is readable once the reader has left
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
        if pipe:
            loop.remove_reader(pipe)


def _pipe() -> int | None:
    """Return the descriptor of stdout where that is a pipe."""
    try:
        number = sys.stdout.fileno()
        return number if stat.S_ISFIFO(os.fstat(number).st_mode) else None
    except (OSError, ValueError, AttributeError):  # stdout is no file: a test's buffer
        return None
