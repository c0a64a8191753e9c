"""Sit at a real terminal: type, read, and look at its mode."""

from __future__ import annotations

import codecs
import os
import pty
import subprocess
import sys
import termios
import threading
from typing import TYPE_CHECKING

from processes import DEADLINE, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Makes the terminal the one that signals of its keys come from.
LAUNCH = "import fcntl, os, sys, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
LAUNCH += "os.execv(sys.argv[1], sys.argv[1:])"


class Seat:
    """A command at a terminal of its own, which is read all the time."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, *command],
            cwd=cwd, env={"TERM": "xterm", **env},
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def type(self, text: str) -> None:
        """Type keys."""
        os.write(self._master, text.encode())

    def until(self, text: str, *, after: int = 0) -> int:
        """Wait until the terminal was given this text; returns where it ends."""
        wait_until(lambda: text in self.seen[after:], f"{text!r} in {self.seen[after:]!r}")
        return self.seen.index(text, after) + len(text)

    @property
    def echoes(self) -> bool:
        """Whether what is typed is shown, and handed over by the line: as a shell leaves it."""
        local = termios.tcgetattr(self._master)[3]
        return bool(local & termios.ECHO and local & termios.ICANON)

    def end(self) -> int:
        """Wait for the end of the command; returns its exit code."""
        code = self.process.wait(DEADLINE)
        self._reading.join()
        return code

    def leave(self) -> None:
        """End whatever is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reading.join()
        os.close(self._master)

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        while True:
            try:
                read = os.read(self._master, 1 << 16)
            except OSError:  # nobody has the other end any more
                return
            if not read:
                return
            self.seen += decode(read)
