"""A child process that ends when we do, and rings when it has something for us."""

import asyncio
import os
import signal
import time
import warnings
from collections.abc import Callable

_FAREWELL = 3.0
"""Seconds for the child to end in by itself."""


def occupy() -> None:
    """Let no file of ours have the number of a stdin, stdout or stderr that was closed."""
    while (nowhere := os.open(os.devnull, os.O_RDWR)) in range(3):
        pass
    os.close(nowhere)


class Forked:
    """Runs `work` in a child; that gets its ends of a lifeline and of a bell, and never returns.

    Where an event loop runs, the child must leave that alone.
    """

    def __init__(self, work: Callable[[int, int], None]) -> None:
        lifeline, bell = os.pipe(), os.pipe()
        for end in bell:
            os.set_blocking(end, False)
        with warnings.catch_warnings():
            # Other threads may hold locks for ever in the child; it uses nothing of theirs.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(lifeline[1])
                os.close(bell[0])
                work(lifeline[0], bell[1])
            finally:
                os._exit(1)
        os.close(lifeline[0])
        os.close(bell[1])
        self._lifeline, self._bell = lifeline[1], bell[0]
        self._has_ended = False

    async def rung(self) -> bool:
        """Wait for the bell; tells whether there is a child to ring it again."""
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._bell, heard.set)
        try:
            await heard.wait()
        finally:
            loop.remove_reader(self._bell)
        return os.read(self._bell, 1 << 16) != b""

    def end(self) -> None:
        """Let the child go in peace, and wait for it, once."""
        if self._has_ended:
            return
        self._has_ended = True
        os.close(self._lifeline)
        os.close(self._bell)
        os.kill(self.pid, signal.SIGCONT)  # it may be stopped
        until = time.monotonic() + _FAREWELL
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                return
            time.sleep(0.005)
