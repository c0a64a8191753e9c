"""`make run`, as a newcomer starts it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from processes import ROOT, Process, free_port, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMAND = [sys.executable, "scripts/run.py"]


class Run(Process):
    """The script behind `make run`, in a place of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        env = {
            key: value
            for key, value in os.environ.items()
            if key not in {"REDIS_URL", "SECRET_KEY"}
        }
        database = f"sqlite:///{folder}/db.sqlite3"
        env |= {"CHAT_RUN_DIR": str(folder / "run"), "DATABASE_URL": database}
        env |= {"CHAT_BROKER_GRACE": "0.5", "PYTHONUNBUFFERED": "1"}
        super().__init__([*COMMAND, str(self.port)], folder, env)

    def answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


def test_it_migrates_serves_and_says_what_to_try_next(folder: Path) -> None:
    run = Run(folder)
    try:
        run.start()
        with urlopen(f"http://127.0.0.1:{run.port}/") as page:
            status, text = page.status, page.read().decode()
    finally:
        run.stop()

    assert status == 200
    assert "Where would you like to talk?" in text
    assert f"http://127.0.0.1:{run.port}/" in run.log
    for command in ("layer_check", "chatops tail", "chatops broadcast", "chatops rooms"):
        assert command in run.log


def test_two_that_start_at_once_both_serve(folder: Path) -> None:
    runs = [Run(folder), Run(folder)]
    try:
        for run in runs:
            run.spawn()
        for run in runs:
            run.wait()
    finally:
        for run in runs:
            run.stop()


@pytest.mark.parametrize("port", ["x", "0", "70000", ""])
def test_a_port_that_is_none_is_one_line(port: str) -> None:
    done = subprocess.run([*COMMAND, port], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == f"PORT={port} is not a port: make run PORT=8001\n"


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, port], cwd=ROOT, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert done.stderr.startswith(f"Port {port} cannot be used (Address already in use): make run")
    assert len(done.stderr.splitlines()) == 1
