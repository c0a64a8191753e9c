"""The embedded broker's supervisor: a detached process that keeps one server while it is used.

Started as a script by whoever holds `server.lock`, without site-packages: `SERVER SOCKET FOLDER
PATIENCE GRACE`. It inherits that locked descriptor, never touches it, and every server that it
starts inherits it too. What it prints before the socket is there is why there will be none.
"""

import fcntl
import os
import resource
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path
from types import FrameType

LOG_LIMIT = 1_000_000  # bytes, held by the kernel; half of it is free at each start
CRASHES, WITHIN = 5, 60.0  # more crashes than this in so many seconds, and it gives up
STOPPING = 5.0  # seconds a server gets to end by itself


class Supervisor:
    """One server, from the first start until nobody needs it."""

    def __init__(self, server: str, path: str, folder: str, grace: str) -> None:
        self.command = [server, *_options(path, folder)]
        self.path = Path(path)
        self.folder = Path(folder)
        self.grace = float(grace)
        self.pid = 0
        self.unused = False  # nobody holds clients.lock, and nobody can until this process ends
        self.stopping = threading.Event()
        self.guard = threading.Lock()  # around starting and stopping
        self.log = self.folder / "broker.log"

    def start(self) -> None:
        """Start the server; it inherits the lock, and holds it even when this process is killed."""
        # The holder of the lock knows that no server is alive, so the socket is stale.
        self.path.unlink(missing_ok=True)
        log = self.open_log()
        files = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
        try:
            self.pid = os.posix_spawn(self.command[0], self.command, os.environ, file_actions=files)
        finally:
            os.close(log)

    def wait_for_socket(self, patience: float) -> None:
        """Return when the server listens; leave with a line of explanation when it will not."""
        deadline = time.monotonic() + patience
        while not self.path.exists():
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                sys.exit(f"{self.command[0]} ended at once ({_how(status)}), see {self.log}")
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                sys.exit(f"{self.command[0]} did not listen within {patience:.1f} s")
            time.sleep(0.005)

    def keep(self) -> None:
        """Start the server again each time it crashes; return when it has ended for good."""
        crashes: deque[float] = deque(maxlen=CRASHES)
        while True:
            _, status = os.waitpid(self.pid, 0)
            if self.stopping.is_set() or os.waitstatus_to_exitcode(status) == 0:
                return
            now = time.monotonic()
            if len(crashes) == CRASHES and now - crashes[0] < WITHIN:
                self.say(f"the server ended ({_how(status)}) once too often; giving up")
                return
            crashes.append(now)
            recent = sum(now - moment < WITHIN for moment in crashes)
            self.say(f"the server ended ({_how(status)}); starting it again")
            if self.stopping.wait(0.05 * 2**recent) or not self.restart():
                return

    def restart(self) -> bool:
        """Start the server unless it is to stop meanwhile, or cannot be run any more."""
        with self.guard:
            if self.stopping.is_set():
                return False
            try:
                self.start()
            except OSError as error:
                self.say(f"{error.filename} cannot be used ({error.strerror}); giving up")
                return False
            return True

    def watch(self) -> None:
        """Sleep until nobody has used the broker for a grace, then stop it."""
        clients = os.open(self.folder / "clients.lock", os.O_RDWR | os.O_CREAT, 0o600)
        while not self.unused:
            fcntl.flock(clients, fcntl.LOCK_EX)
            fcntl.flock(clients, fcntl.LOCK_UN)
            time.sleep(self.grace)
            try:
                fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.unused = True
            except BlockingIOError:
                continue
        # The lock stays until this process ends: newcomers wait, then start afresh.
        self.stop()

    def stop(self) -> None:
        """End the server, with force when it does not listen to reason."""
        with self.guard:
            self.stopping.set()
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.kill(self.pid, number)
                except ProcessLookupError:
                    return
                time.sleep(STOPPING)  # cut short: when the server ends, so does this process

    def open_log(self) -> int:
        """Open the log to append, after putting aside one that has grown."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT // 2:
            self.log.replace(f"{self.log}.1")
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)

    def say(self, line: str) -> None:
        """Write a line into the log, unless it is full."""
        try:
            os.write(2, f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {line}\n".encode())
        except OSError:
            return  # the server matters more

    def terminate(self, _number: int, _frame: FrameType | None) -> None:
        """Stop the server on SIGTERM, from a thread: the main one may hold the guard."""
        threading.Thread(target=self.stop, daemon=True).start()


def main(server: str, path: str, folder: str, patience: str, grace: str) -> None:
    """Detach, start the server, say nothing if that went well, and keep it."""
    if os.fork():
        os._exit(0)  # nobody's child, so that nobody has to reap the supervisor
    os.umask(0o077)
    # Python ignores SIGXFSZ and the server inherits that: a full log refuses lines, no more.
    resource.setrlimit(resource.RLIMIT_FSIZE, (LOG_LIMIT, LOG_LIMIT))
    supervisor = Supervisor(server, path, folder, grace)
    signal.signal(signal.SIGTERM, supervisor.terminate)
    try:
        supervisor.start()
    except OSError as error:
        sys.exit(f"{error.filename} cannot be used ({error.strerror})")
    supervisor.wait_for_socket(float(patience))
    log = supervisor.open_log()
    os.dup2(log, 1)  # the caller, who waits for the end of this pipe, goes on
    os.dup2(log, 2)
    threading.Thread(target=supervisor.watch, daemon=True).start()
    supervisor.keep()
    if supervisor.unused and supervisor.path.parent != supervisor.folder:
        supervisor.path.unlink(missing_ok=True)
        supervisor.path.parent.rmdir()


def _options(path: str, folder: str) -> list[str]:
    """List what the server is told: no TCP port, nothing on disk, a bound on its memory."""
    options = {"port": "0", "unixsocket": path, "unixsocketperm": "600", "dir": folder}
    options |= {"save": "", "appendonly": "no", "daemonize": "no", "loglevel": "warning"}
    # Never evict: a group that silently loses its members is worse than a send that fails.
    options |= {"maxmemory": "128mb", "maxmemory-policy": "noeviction"}
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit {code}" if code >= 0 else f"signal {-code}"


if __name__ == "__main__":
    main(*sys.argv[1:])
