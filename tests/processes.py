"""Run real processes for tests: started, waited for, and ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 60.0  # generous: two cores may be shared by several test runs


def wait_until(condition: Callable[[], object], what: str, *, deadline: float = DEADLINE) -> None:
    """Return as soon as `condition` is true; fail with `what` at the deadline."""
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline:.0f} s for {what}")
        time.sleep(0.02)  # the pause of a poll, not a synchronisation


def free_port() -> int:
    """Name a port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def short_folder() -> Iterator[Path]:
    """Lend a temporary folder whose path leaves room for a unix socket's name."""
    base = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - macOS's own is too long for a socket
    folder = Path(tempfile.mkdtemp(prefix="chat", dir=base)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Process:
    """A child process that can be stopped, killed and started again."""

    def __init__(
        self, command: list[str], folder: Path, env: Mapping[str, str], cwd: Path = ROOT
    ) -> None:
        self.command = command
        self.cwd = cwd
        self.env = dict(env)
        self.log_path = folder / "log.txt"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self.process is not None, "not started"
        return self.process.pid

    @property
    def log(self) -> str:
        """Everything that the server wrote so far, over all its lives."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def answers(self) -> bool:
        """Tell whether a client can connect."""
        raise NotImplementedError

    def start(self) -> None:
        """Start, and return when a client can connect."""
        self.spawn()
        self.wait()

    def spawn(self) -> None:
        """Start, and return at once."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Return when a client can connect."""
        assert self.process is not None, "not started"
        process = self.process
        try:
            wait_until(lambda: process.poll() is not None or self.answers(), f"{self.command[:3]}")
        except TimeoutError:
            self.kill()
            raise
        if process.poll() is not None:
            raise ChildProcessError(f"{self.command} ended with {process.returncode}:\n{self.log}")

    def stop(self) -> None:
        """Ask the server to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server without a warning, as `kill -9` does."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop the server's clock, as a suspended machine or a debugger does."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        os.kill(self.pid, signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)  # a stopped process cannot end
            process.send_signal(number)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
