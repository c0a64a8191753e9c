"""What ends a command from outside: signals, and a reader that has left."""

import asyncio
import contextlib
import select
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

from chatops.cli.streams import is_pipe, is_socket


@contextlib.contextmanager
def unwound(task: "asyncio.Future[None]", left: asyncio.Event | None) -> Iterator[None]:
    """Cancel the task, once, on SIGTERM and SIGHUP, and where `left` is given also when nobody
    reads stdout any more; `left` tells that it was that.

    Once, because what the task does to clean up must not be cancelled in its turn. What whoever
    started us wants ignored, as `nohup` does, is ignored.
    """  # noqa: D205 - one sentence
    loop = asyncio.get_running_loop()
    in_main = threading.current_thread() is threading.main_thread()
    ending = (signal.SIGTERM, signal.SIGHUP) if in_main else ()
    signals = [each for each in ending if signal.getsignal(each) is not signal.SIG_IGN]

    def stop() -> None:
        for each in signals:
            loop.add_signal_handler(each, lambda: None)
        task.cancel()

    def leave() -> None:
        if reader is not None:
            loop.remove_reader(reader)
        if left is not None:
            left.set()
        stop()

    for each in signals:
        loop.add_signal_handler(each, stop)
    reader = _reader() if left is not None else None
    if reader is not None:
        loop.add_reader(reader, leave)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
        if reader is not None:
            loop.remove_reader(reader)


def _reader() -> Any:  # noqa: ANN401 - whatever has a descriptor
    """Return what is readable once nobody reads stdout any more, as a pipe's writing end is.

    A socket's would be readable also where its reader writes; where the system cannot tell the
    two apart there is none, and the next write tells.
    """
    if not is_socket():
        return sys.stdout
    if not hasattr(select, "epoll"):
        return None
    ends = select.epoll()
    ends.register(sys.stdout, 0)  # the end is told in any case
    return ends


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
