"""What ends a `chatops tail` from outside, and what does not, whatever it was started with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import wire
from servers import short_folder, wait_until
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis
    from servers import Valkey


@pytest.fixture(scope="module")
def project(server: Valkey) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


@contextmanager
def tailing(
    project: Tutorial, stdout: socket.socket, started: str = "$0"
) -> Iterator[subprocess.Popen[str]]:
    """Run a tail that watches; `started` is how a shell starts what is called $0."""
    script = f"exec {started} tail lobby --json"
    tail = subprocess.Popen(
        ["/bin/sh", "-c", script, str(project.bin / "chatops")], cwd=project.folder,
        env=project.env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert tail.stderr is not None
        assert "ready" in tail.stderr.readline()
        yield tail
    finally:
        tail.kill()
        tail.communicate()


def child(tail: subprocess.Popen[str]) -> int:
    """The process that listens for the tail."""
    return int(Path(f"/proc/{tail.pid}/task/{tail.pid}/children").read_text().split()[0])


def test_a_tail_whose_stdin_is_closed_hears_and_ends(
    project: Tutorial, broker: redis.Redis
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tailing(project, theirs, "$0 <&-") as tail:
        wire.say(broker, "lobby", "hello")
        assert b"message" in ours.recv(1000)
        tail.send_signal(signal.SIGTERM)

        assert tail.wait(60) == 130


def test_a_tail_whose_child_has_just_died_ends_without_a_traceback(
    project: Tutorial, broker: redis.Redis
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tailing(project, theirs) as tail:
        os.kill(child(tail), signal.SIGKILL)
        assert b"gap" in ours.recv(1000)
        tail.send_signal(signal.SIGTERM)
        _, err = tail.communicate(timeout=60)

    assert (tail.returncode, err) == (130, "")


def test_a_hangup_ends_no_tail_that_was_told_to_ignore_it(
    project: Tutorial, broker: redis.Redis
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tailing(project, theirs, "nohup $0") as tail:
        tail.send_signal(signal.SIGHUP)
        with suppress(subprocess.TimeoutExpired):
            tail.wait(1)
        wait_until(lambda: wire.say(broker, "lobby", "hello") or _some(ours), "a message")

        assert tail.poll() is None


# ---------------------------------------------------------------- a socket as stdout


def test_a_socket_that_nobody_reads_does_not_stop_signals(
    project: Tutorial, broker: redis.Redis
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tailing(project, theirs) as tail:
        for number in range(1000):
            wire.say(broker, "lobby", "x" * 1000, n=number)
        wait_until(lambda: not _takes(theirs), "a full socket")
        tail.send_signal(signal.SIGTERM)

        assert tail.wait(60) == 130


def test_the_reader_of_a_socket_that_leaves_is_a_good_end(
    project: Tutorial, broker: redis.Redis
) -> None:
    ours, theirs = socket.socketpair()
    with theirs, tailing(project, theirs) as tail:
        theirs.close()
        ours.close()

        assert tail.wait(60) == 0


def test_the_reader_of_a_socket_may_write(project: Tutorial, broker: redis.Redis) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, tailing(project, theirs) as tail:
        ours.sendall(b"hello")
        ours.shutdown(socket.SHUT_WR)
        wire.say(broker, "lobby", "hello")

        assert b"message" in ours.recv(1000)
        assert tail.poll() is None


def _some(of: socket.socket) -> bytes:
    with suppress(BlockingIOError):
        return of.recv(1000, socket.MSG_DONTWAIT)
    return b""


def _takes(a: socket.socket) -> bool:
    with suppress(BlockingIOError):
        return a.send(b" ", socket.MSG_DONTWAIT) > 0
    return False
