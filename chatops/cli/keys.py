"""What is typed while a tail runs: single keys, and the terminal as it was afterwards."""

import asyncio
import os
import signal
import sys
import termios
import tty
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Keys:
    """Hands over each key at once, unseen, while we are in the foreground.

    The terminal's own mode comes back on every way out, and for as long as we are stopped.
    """

    def __init__(self, pressed: Callable[[str], None], stopping: Callable[[], None]) -> None:
        self._pressed = pressed
        self._stopping = stopping
        self._descriptor = sys.stdin.fileno()
        self._mode = termios.tcgetattr(self._descriptor)
        self._listens = False

    def __enter__(self) -> Self:
        self.listen()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTSTP, self._stop)
        # Not the loop's: whoever types Ctrl-\ may have reason to think that the loop hangs.
        signal.signal(signal.SIGQUIT, self._quit)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTSTP)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        self._let_be()

    def listen(self) -> None:
        """Take the keys, where they are ours to take: a job in the background gets none."""
        if self._listens or not self._is_foreground():
            return
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        self._listens = True

    def _let_be(self) -> None:
        if not self._listens:
            return
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self._listens = False
        if self._is_foreground():
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._mode)

    def _is_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:  # the terminal is gone
            return False

    def _read(self) -> None:
        if not self._is_foreground():
            self._let_be()
            return
        try:
            typed = os.read(self._descriptor, 1024)
        except OSError:
            typed = b""
        if not typed:
            self._let_be()
        for key in typed.decode(errors="ignore"):
            self._pressed(key)

    def _quit(self, number: int, frame: object) -> None:
        """End at once, as SIGQUIT asks, in the terminal's own mode."""
        del frame
        if self._is_foreground():
            termios.tcsetattr(self._descriptor, termios.TCSANOW, self._mode)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _stop(self) -> None:
        """Be stopped as Ctrl-Z asks, in the terminal's own mode; go on from here afterwards."""
        self._let_be()
        self._stopping()
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGTSTP)
        os.kill(os.getpid(), signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self.listen()
