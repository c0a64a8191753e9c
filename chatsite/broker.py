"""The embedded broker: a private Valkey that nobody has to install, start or stop.

Used where `REDIS_URL` is unset; where it is set the settings never come here. `url()` only
computes. `ensure()` starts or joins the server, which lives until the last process that joined
it has gone, plus a grace.

Two advisory locks in the run folder say everything. `clients.lock` is held shared by each
process that uses the broker. `server.lock` is held by the server, so whoever gets it knows that
there is none, and hands it on, locked, to the supervisor and server that it starts.
"""

import math
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

from chatsite.binary import find_server
from chatsite.errors import BrokerError
from chatsite.runfolder import private, run_folder, socket_path

__all__ = ["BrokerError", "ensure", "find_server", "prepare", "url"]

SUPERVISOR = Path(__file__).with_name("supervisor.py")

_holds: dict[Path, tuple[int, int]] = {}  # clients.lock → the process that opened it, descriptor
_guard = threading.Lock()
if hasattr(os, "register_at_fork"):
    # A child must not inherit the guard from a thread that does not exist there.
    os.register_at_fork(
        before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_guard.release
    )


def url() -> str:
    """Compute the broker's URL; start nothing, touch no disk."""
    return f"unix://{quote(str(socket_path()))}?db=0"


def ensure() -> None:
    """Start or join the broker: it answers now, and stays while this process lives.

    Cheap when called again. Blocks for at most `CHAT_BROKER_PATIENCE` seconds (10), then raises
    `BrokerError`.
    """
    if sys.platform == "win32":
        raise BrokerError("the embedded broker does not run on Windows; set REDIS_URL")
    patience = _seconds("CHAT_BROKER_PATIENCE", 10.0)
    with _guard:
        _join(private(run_folder()), time.monotonic() + patience)


def prepare(alias: str) -> None:
    """Call `ensure()` where the channel layer `alias` is this broker."""
    from django.conf import settings  # noqa: PLC0415 - settings import this module

    layer = getattr(settings, "CHANNEL_LAYERS", {}).get(alias, {})
    hosts = layer.get("CONFIG", {}).get("hosts", ())
    if url() in (host.get("address") if isinstance(host, dict) else host for host in hosts):
        ensure()


def _join(folder: Path, deadline: float) -> None:
    """Be counted as a client, then wait for an answer or become the one who starts the server."""
    from chatsite import locks  # noqa: PLC0415 - Windows, which has REDIS_URL, has no fcntl

    _hold(folder / "clients.lock", deadline)
    path = socket_path()
    private(path.parent)  # before connecting: in /tmp, somebody else could be listening
    while not _answers(path, deadline):
        if time.monotonic() > deadline:
            raise BrokerError(
                f"the broker in {folder} runs but does not answer; `fuser {folder}/server.lock` "
                f"names its processes: end them with kill -9 and try again, or set REDIS_URL "
                f"(its log is {folder}/broker.log)"
            )
        lock = locks.take(folder / "server.lock")
        if lock is None:
            time.sleep(locks.PAUSE)
            continue
        try:
            _start(folder, path, lock, deadline)
        finally:
            os.close(lock)


def _hold(path: Path, deadline: float) -> None:
    """Hold `clients.lock` shared, once a process, until the process ends."""
    from chatsite import locks  # noqa: PLC0415 - Windows, which has REDIS_URL, has no fcntl

    owner, held = _holds.get(path, (None, None))
    if held is not None and owner == os.getpid() and locks.still_there(path, held):
        return
    _holds[path] = os.getpid(), locks.share(path, deadline)
    # A forked child lets go of the parent's only now, so that it was never without one.
    if held is not None:
        os.close(held)


def _answers(path: Path, deadline: float) -> bool:
    """Tell whether the server says PONG before the deadline."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            wire.connect(os.fspath(path))
            wire.sendall(b"PING\r\n")
            return wire.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def _start(folder: Path, path: Path, lock: int, deadline: float) -> None:
    """Start the supervisor and, through it, the server; return when its socket is there."""
    if os.path.lexists(path) and not stat.S_ISSOCK(path.lstat().st_mode):
        raise BrokerError(f"{path} is in the way and is not a socket; move it elsewhere")
    server = find_server()
    patience = max(0.5, deadline - time.monotonic())
    grace = _seconds("CHAT_BROKER_GRACE", 10.0)
    command = [sys.executable, "-I", "-S", str(SUPERVISOR)]
    command += [str(server), str(path), str(folder), str(patience), str(grace)]
    try:
        with subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,  # Ctrl-C and a closed terminal are not for the server
            cwd="/",
        ) as starter:
            complaint, _ = starter.communicate(timeout=patience + 1)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokerError(f"the broker's supervisor did not start: {error}") from error
    if complaint:
        said = complaint.decode(errors="replace").strip().splitlines()[-1]
        raise BrokerError(f"{said}; put that right, or set REDIS_URL")


def _seconds(variable: str, default: float) -> float:
    """Read a duration from the environment."""
    text = os.environ.get(variable) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise BrokerError(f"{variable}={text} is not a number of seconds; correct or unset it")
    return seconds
