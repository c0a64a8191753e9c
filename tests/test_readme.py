"""The README is true: its transcripts are run, and nothing that can be set is missing."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from processes import ROOT
from servers import site, valkey
from tutorial import folder_of_this_python
from typer.main import get_command
from websockets.sync.client import connect

from chatops.cli.app import app
from chatops.cli.verbs import VERBS
from chatops.conf import Conf
from chatops.errors import Exit
from chatops.model.message import Message
from chatops.model.rules import RULES
from chatops.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Site
    from websockets.sync.client import ClientConnection

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
CHANGING = re.compile(
    r"\d\d:\d\d:\d\d\b|\d{4}-\d\d-\d\dT[\d:.+]+|\d+(\.\d+)? ?m?s\b|\"(?:bytes|seconds)\": [\d.]+|"
    r"\"(?:id|author|seal)\": \"[^\"]*\"|\"number\": \d+"
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


def sent_during(process: subprocess.Popen[str], chat: Site) -> None:
    """Once the other waits, send what the README shows."""
    assert process.stderr is not None
    assert process.stderr.readline()
    event = '{"type": "hello", "text": "Good morning"}'
    chat.manage("chatops", "send", "test_channel", event).check_returncode()


def placed(command: str, chat: Site, folder: Path) -> str:
    """Say it of the site that runs, and of a recording of its own."""
    if command.startswith("chatops replay"):
        with Recorder(folder / "friday.jsonl") as recorder:
            recorder.record([system_message(0), system_message(1)])
    recording = str(folder / "friday.jsonl")
    return command.replace("ws://127.0.0.1:8000", chat.ws_url).replace("friday.jsonl", recording)


def system_message(second: int) -> Message:
    at = datetime(2026, 11, 23, 12, 0, second, tzinfo=UTC)
    event = {"type": "chat.system", "text": "Back in 5", "id": str(second), "at": at.isoformat()}
    return Message("lobby", "chat_lobby", "chat.system", event, at, 80)


@pytest.mark.parametrize(("command", "printed"), list(transcripts()))
def test_a_transcript_is_what_the_command_prints(
    chat: Site, ann: ClientConnection, command: str, printed: str, tmp_path: Path
) -> None:
    path = f"{folder_of_this_python()}{os.pathsep}{os.environ['PATH']}"
    env = {**chat.env, "PATH": path, "NO_COLOR": "1", "COLUMNS": "200"}
    process = subprocess.Popen(
        ["/bin/bash", "-c", placed(command, chat, tmp_path)],
        cwd=ROOT,
        env=env,
        text=True,
        stdout=-1,
        stderr=-1,
    )
    first = ""
    if command.startswith(("chatops tail", "chatops expect lobby --where")):
        said_during(process, chat, ann)
        first = process.first  # type: ignore[attr-defined]
    if command.startswith("chatops receive"):
        sent_during(process, chat)
    out, err = process.communicate(timeout=60)
    ended = f"[exit {process.returncode}]\n" if process.returncode else ""

    assert same(first + out + err + ended) == same(printed)


def test_every_verb_is_shown() -> None:
    verbs = set(VERBS)
    shown = {verb for command, _ in transcripts() for verb in re.findall(r"chatops (\w+)", command)}

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


def test_every_environment_variable_of_chatops_is_named() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "chatops").rglob("*.py"))
    names = set(re.findall(r"environ(?:\.get)?[\[(]\"(CHATOPS_\w+)", sources))

    assert len(names) >= 3
    assert [name for name in sorted(names) if f"`{name}`" not in README] == []


def test_every_finding_is_told() -> None:
    told = (ROOT / "docs/findings.md").read_text("utf-8")

    assert "(docs/findings.md)" in README
    assert [each for each in RULES if f"### {each} " not in told] == []


def parsed(words: list[str]) -> tuple[str, dict[str, object]]:
    """Read the words as our command line does; what it would refuse is an error."""
    command: Any = get_command(app)
    context = command.make_context("chatops", list(words))
    name, verb, rest = command.resolve_command(context, [*context._protected_args, *context.args])
    return name, verb.make_context(name, rest, parent=context).params


def examples() -> Iterator[list[str]]:
    """Each command of ours in the README's files: units, workflows, and a deployment."""
    for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL):
        yield from ours(yaml.safe_load(block))
    for block in re.findall(r"```ini\n(.*?)```", README, re.DOTALL):
        unit = configparser.ConfigParser(interpolation=None)
        unit.read_string(block)
        for command in unit["Service"].values():
            yield from ours(command)


def ours(value: object) -> Iterator[list[str]]:
    """Find the commands in a document, which are texts, or lists of words."""
    match value:
        case dict():
            for inner in value.values():
                yield from ours(inner)
        case [str(first), *_] if first == "chatops":
            yield [str(word) for word in value[1:]]
        case list():
            for inner in value:
                yield from ours(inner)
        case str() if (words := shlex.split(value)) and Path(words[0]).name == "chatops":
            yield words[1:]


def test_the_commands_in_units_and_workflows_can_be_given() -> None:
    commands = [parsed(words) for words in examples()]

    assert {name for name, _ in commands} == {"check"}
    assert len(commands) == 4
    assert [each["wait"] for _, each in commands if each["wait"]] == [60.0, 60.0]


def test_every_option_of_check_is_told() -> None:
    command: Any = get_command(app)
    options = {
        word
        for parameter in command.commands["check"].params
        for word in parameter.opts
        if word.startswith("--") and word != "--help"
    }

    assert len(options) > 20
    assert [each for each in sorted(options) if each not in README] == []


def test_every_exit_code_is_told() -> None:
    assert [code for code in Exit if f"| {code.value} |" not in README] == []


def test_every_file_that_is_linked_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert links
    assert [link for link in links if not Path(ROOT, link).exists()] == []
