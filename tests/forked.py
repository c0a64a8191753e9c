"""Run `chatops` in a process of its own that need not load the libraries again.

Most of a command's time goes into reading Django, Redis, Rich and their like. A process that has
read them, and nothing of ours, is forked for each command: its words, folder, environment, streams
and exit code are the command's own.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIBRARIES = [
    "asyncio",
    "multiprocessing.connection",
    "channels.auth",
    "channels.layers",
    "channels_redis.core",
    "channels_redis.pubsub",
    "django.contrib.admin",
    "django.core.checks",
    "django.core.management.base",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.forms",
    "django.http",
    "django.template",
    "django.urls",
    "jmespath",
    "msgpack",
    "redis.asyncio",
    "rich.console",
    "rich.table",
    "typer",
]
AT_START = ("PYTHON", "LANG", "LC_")  # what an interpreter reads once


def fits(env: Mapping[str, str]) -> bool:
    """Tell whether a fork can have this environment, and this system can fork so."""
    return hasattr(socket, "SOCK_SEQPACKET") and _at_start(env) == _at_start(_environment())


def run(
    words: list[str], cwd: Path, env: Mapping[str, str], deadline: float
) -> subprocess.CompletedProcess[str]:
    """Do what `subprocess.run` does, with both streams captured as text."""
    asking, answering = socket.socketpair()
    pipes = [os.pipe(), os.pipe()]
    asked = json.dumps([words, str(cwd), dict(env)]).encode()
    theirs = [0, *(write for _, write in pipes), answering.fileno()]
    with asking:
        socket.send_fds(_forge(), [asked], theirs)
        answering.close()
        pid = int(asking.recv(16))
        out, err = _read(pid, pipes, time.monotonic() + deadline)
        code = int(asking.recv(16))
    return subprocess.CompletedProcess(words, code, out, err)


def _read(pid: int, pipes: list[tuple[int, int]], end: float) -> list[str]:
    texts = {read: b"" for read, _ in pipes}
    with selectors.DefaultSelector() as selector:
        for read, write in pipes:
            os.close(write)
            selector.register(read, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(timeout=1):
                if data := os.read(key.fd, 1 << 16):
                    texts[key.fd] += data
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                raise TimeoutError(f"waited for a command's end; it said {list(texts.values())}")
    return [text.decode().replace("\r\n", "\n") for text in texts.values()]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def _at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(AT_START)}


@cache
def _forge() -> socket.socket:
    """Start what is forked; it ends when this end of the socket is closed."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, __file__, str(its.fileno())],
            env={k: v for k, v in _environment().items() if k != "DJANGO_SETTINGS_MODULE"},
            pass_fds=[its.fileno()],
            stdin=subprocess.PIPE,  # pipes, as a file's streams would believe that they can seek
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


# ---------------------------------------------------------------- in the process that is forked


def _serve(asked: socket.socket) -> None:
    """Fork for each command that is asked for; returns in the fork, dressed as the command."""
    while True:
        data, descriptors, *_ = socket.recv_fds(asked, 1 << 20, 4)
        if not data:
            sys.exit()
        if not os.fork():
            break
        for each in descriptors:
            os.close(each)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    asked.close()
    *streams, answering = descriptors
    if pid := os.fork():
        _tell_its_end(pid, streams, socket.socket(fileno=answering))
    os.close(answering)
    words, cwd, env = json.loads(data)
    for number, each in enumerate(streams):
        os.dup2(each, number)
        os.close(each)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = words
    sys.path[0] = os.path.dirname(words[0])  # noqa: PTH120 - as the interpreter does it


def _tell_its_end(pid: int, streams: list[int], to: socket.socket) -> None:
    for each in streams:
        os.close(each)
    to.send(str(pid).encode().ljust(16))
    _, status = os.waitpid(pid, 0)
    to.send(str(os.waitstatus_to_exitcode(status)).encode().ljust(16))
    os._exit(0)


if __name__ == "__main__":
    import gc
    import importlib

    for library in LIBRARIES:
        importlib.import_module(library)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that tell
    _serve(socket.socket(fileno=int(sys.argv[1])))

    from chatops.__main__ import main

    sys.exit(main())
