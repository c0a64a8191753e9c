"""What ends a command from outside: signals, and a reader that has left."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

from chatops.cli.streams import is_pipe


@contextlib.contextmanager
def unwound(task: "asyncio.Future[None]", left: asyncio.Event | None) -> Iterator[None]:
    """Cancel the task, once, on SIGTERM and SIGHUP, and where `left` is given also when nobody
    reads stdout any more; `left` tells that it was that.

    Once, because what the task does to clean up must not be cancelled in its turn.
    """  # noqa: D205 - one sentence
    loop = asyncio.get_running_loop()
    in_main = threading.current_thread() is threading.main_thread()
    signals = [signal.SIGTERM, signal.SIGHUP] if in_main else []

    def stop() -> None:
        for each in signals:
            loop.add_signal_handler(each, lambda: None)
        task.cancel()

    def leave() -> None:
        loop.remove_reader(sys.stdout)
        if left is not None:
            left.set()
        stop()

    for each in signals:
        loop.add_signal_handler(each, stop)
    if left is not None:
        loop.add_reader(sys.stdout, leave)  # the writing end is readable once the reader has left
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
        if left is not None:
            loop.remove_reader(sys.stdout)


async def writable() -> None:
    """Wait, where stdout is a pipe, until a line of up to 4 kB can be written at once."""
    if not is_pipe():
        return
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(sys.stdout, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(sys.stdout)
