"""A run folder for one test, the real processes that use it, and what lives there."""

import os
import select
import signal
import stat
import subprocess
import sys
from pathlib import Path

from processes import DEADLINE, ROOT, wait_until
from redis import Redis
from redis.exceptions import RedisError

from chatsite import broker, locks, runfolder

ATTEMPT = """
import sys
from chatsite import broker
try:
    broker.ensure()
except broker.BrokerError as error:
    sys.exit(str(error))
"""
STAY = "print('ready', flush=True); sys.stdin.read()"


def mode(path: Path) -> int:
    """Read the permissions of a file, not of what it links to."""
    return stat.S_IMODE(path.lstat().st_mode)


class Client:
    """A process that uses the broker until it is told to leave."""

    def __init__(self, code: str | Path = ATTEMPT + STAY) -> None:
        script = ["-c", code] if isinstance(code, str) else [str(code)]
        self.process = subprocess.Popen(
            [sys.executable, *script],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ready(self) -> "Client":
        """Wait until it has joined."""
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], DEADLINE)[0]:
            raise TimeoutError(f"waited {DEADLINE:.0f} s for a client")
        if self.process.stdout.readline() != "ready\n":
            raise ChildProcessError(self.process.communicate()[1])
        return self

    def kill(self) -> None:
        """End it, and what it forked, as `kill -9` does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def leave(self) -> None:
        """Let it end by itself."""
        self.process.communicate()


class Place:
    """One run folder: who lives there, and who comes."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.clients: list[Client] = []

    @property
    def folder(self) -> Path:
        """The run folder."""
        return runfolder.run_folder()

    @property
    def socket(self) -> Path:
        """The broker's socket."""
        return runfolder.socket_path()

    @property
    def log(self) -> str:
        """What supervisor and server wrote."""
        return (self.folder / "broker.log").read_text()

    def open(self, code: str | Path = ATTEMPT + STAY) -> Client:
        """Start a process that will join and stay; do not wait for it."""
        self.clients.append(Client(code))
        return self.clients[-1]

    def join(self) -> Client:
        """Start a process that has joined and stays."""
        return self.open().ready()

    def attempt(self, code: str = ATTEMPT, *flags: str) -> subprocess.CompletedProcess[str]:
        """Run a process to its end; what it says on stderr is an error's one line."""
        command = [sys.executable, *flags, "-c", code]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def processes(self) -> dict[int, str]:
        """List the supervisors and servers of this place."""
        marks = (self.base.name, self.socket.parent.name) if self.moved else (self.base.name,)
        listing = subprocess.run(
            ["/bin/ps", "-axww", "-o", "pid=,stat=,args="], capture_output=True, check=True
        )
        rows = (line.split(None, 2) for line in listing.stdout.decode(errors="replace").split("\n"))
        return {
            int(row[0]): row[2]
            for row in rows
            if len(row) == 3 and row[1][0] != "Z" and any(mark in row[2] for mark in marks)
        }

    @property
    def moved(self) -> bool:
        """Tell whether the socket is not in the run folder."""
        return self.socket.parent != self.folder

    def supervisors(self) -> list[int]:
        """List this place's supervisors."""
        return [pid for pid, args in self.processes().items() if "supervisor.py" in args]

    def server(self) -> int:
        """Ask the server for its process id."""
        with Redis.from_url(broker.url(), socket_timeout=5) as wire:
            return int(wire.info("server")["process_id"])

    def next_server(self, after: int) -> int:
        """Wait for another server than `after`."""
        found = 0

        def another() -> bool:
            nonlocal found
            try:
                found = self.server()
            except RedisError:
                return False
            return found != after

        wait_until(another, "another server")
        return found

    def wait_until_empty(self) -> None:
        """Wait until supervisor and server have gone, down to their last descriptor."""
        wait_until(lambda: not self.processes(), "the end of supervisor and server")
        # The kernel forgets a process's arguments a moment before it drops its locks.
        lock = self.folder / "server.lock"
        wait_until(
            lambda: not lock.is_file() or not self.is_locked(lock.name), "the lock to be free"
        )

    def is_locked(self, name: str) -> bool:
        """Tell whether somebody holds one of the locks."""
        descriptor = locks.take(self.folder / name)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is None

    def clear(self) -> None:
        """End everything that lives here, supervisors first so that nothing comes back."""
        for client in self.clients:
            client.kill()
        for pid in (*self.supervisors(), *self.processes()):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.wait_until_empty()
