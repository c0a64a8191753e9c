"""Run a private PostgreSQL, where its binaries are installed.

>>> with postgres() as server:
...     server.folder  # of its socket
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from processes import Process, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSING = [name for name in ("postgres", "initdb") if shutil.which(name) is None]
"""The binaries without which there is no server; it never runs as root, so root needs one more."""

if os.geteuid() == 0 and shutil.which("setpriv") is None:
    MISSING.append("setpriv")


class Postgres(Process):
    """A PostgreSQL on a unix socket, whose one user `chat` needs no password."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        quiet = ["-c", "listen_addresses=", "-c", "fsync=off"]
        place = ["-D", str(folder / "data"), "-k", str(folder)]
        super().__init__(_unprivileged("postgres", *place, *quiet), folder, os.environ)

    def create(self) -> None:
        """Make the database."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", pwd.getpwnam("nobody").pw_gid)
        options = ["-D", str(self.folder / "data"), "-A", "trust", "-U", "chat", "--no-sync"]
        subprocess.run(_unprivileged("initdb", *options), check=True, capture_output=True, cwd="/")

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        if "ready to accept connections" not in self.log:
            return False
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.folder / ".s.PGSQL.5432")) == 0

    def stop(self) -> None:
        """End it at once, in order, whoever is still connected."""
        self._end(signal.SIGINT)


def _unprivileged(*command: str) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    group = pwd.getpwnam("nobody").pw_gid
    return ["setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups", *command]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a server with an empty database `postgres`."""
    with short_folder() as folder:
        server = Postgres(folder)
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()
