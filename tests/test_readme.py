"""The README is true: its transcripts are run, and nothing that can be set is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import ROOT
from servers import site, valkey
from tutorial import folder_of_this_python
from websockets.sync.client import connect

from chatops.cli.app import app
from chatops.conf import Conf
from chatops.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Site
    from websockets.sync.client import ClientConnection

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
CHANGING = re.compile(
    r"\d\d:\d\d:\d\d\b|\d{4}-\d\d-\d\dT[\d:.+]+|\d+(\.\d+)? m?s\b|\"bytes\": \d+|"
    r"\"(?:id|author)\": \"[^\"]*\"|\"number\": \d+"
)


def transcripts() -> Iterator[tuple[str, str]]:
    """Each command of the README with what it is said to print."""
    for block in BLOCKS:
        for part in block.removeprefix("$ ").split("\n$ "):
            command, _, printed = part.partition("\n")
            yield command, printed


def same(text: str) -> list[str]:
    """What must be alike in two runs: times, durations and ids are not."""
    lines = [CHANGING.sub("…", line).rstrip() for line in text.rstrip().splitlines()]
    return [re.sub(r" +", " ", line) for line in lines]


@pytest.fixture(scope="module")
def chat() -> Iterator[Site]:
    with valkey() as broker, site(broker.url) as running:
        yield running


@pytest.fixture
def ann(chat: Site) -> Iterator[ClientConnection]:
    """Ann, who is in the lobby."""
    origin: Any = chat.url
    protocol: Any = ["chat.v2"]
    address = f"{chat.ws_url}/ws/chat/lobby/"
    with connect(address, origin=origin, subprotocols=protocol) as socket:
        socket.send('{"name": "Ann"}')
        while json.loads(socket.recv(30))["type"] != "name":
            continue
        yield socket


def said_during(process: subprocess.Popen[str], chat: Site, ann: ClientConnection) -> None:
    """Once the tail watches, say what the README shows."""
    assert process.stderr is not None
    assert process.stderr.readline()
    ann.send('{"message": "Good morning"}')
    assert process.stdout is not None
    process.first = process.stdout.readline()  # type: ignore[attr-defined]
    chat.manage("chatops", "broadcast", "lobby", "Back in 5")


@pytest.mark.parametrize(("command", "printed"), list(transcripts()))
def test_a_transcript_is_what_the_command_prints(
    chat: Site, ann: ClientConnection, command: str, printed: str
) -> None:
    path = f"{folder_of_this_python()}{os.pathsep}{os.environ['PATH']}"
    env = {**chat.env, "PATH": path, "NO_COLOR": "1", "COLUMNS": "200"}
    process = subprocess.Popen(
        ["/bin/bash", "-c", command], cwd=ROOT, env=env, text=True, stdout=-1, stderr=-1
    )
    first = ""
    if command.startswith("chatops tail"):
        said_during(process, chat, ann)
        first = process.first  # type: ignore[attr-defined]
    out, err = process.communicate(timeout=60)
    ended = f"[exit {process.returncode}]\n" if process.returncode else ""

    assert same(first + out + err + ended) == same(printed)


def test_every_verb_is_shown() -> None:
    verbs = {command.callback.__name__ for command in app.registered_commands if command.callback}
    shown = {command.split()[1] for command, _ in transcripts() if command.startswith("chatops")}

    assert verbs == shown


def test_every_setting_is_named() -> None:
    settings = [f"`{name.upper()}`" for name in Conf.__dataclass_fields__]

    assert [name for name in settings if name not in README] == []


def test_every_environment_variable_is_named() -> None:
    read = re.compile(
        r"(?:environ(?:\.get)?[\[(]|(?:flag|words|origins|number|choice|database)\()\"(\w+)"
    )
    sources = [file.read_text() for file in (ROOT / "chatsite").glob("*.py")]
    names = {name for source in sources for name in read.findall(source)}
    names |= set(re.findall(r"_seconds\(\"(\w+)\"", "".join(sources)))

    assert len(names) > 10
    assert [name for name in sorted(names) if f"`{name}`" not in README] == []


def test_every_finding_is_told() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "chatops").rglob("*.py"))
    ids = set(re.findall(r"\"(CHO\d{3})\"", sources))

    assert len(ids) >= 10
    assert [each for each in sorted(ids) if f"| {each} |" not in README] == []


def test_every_exit_code_is_told() -> None:
    assert [code for code in Exit if f"| {code.value} |" not in README] == []


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert links
    assert [link for link in links if not Path(ROOT, link).exists()] == []
