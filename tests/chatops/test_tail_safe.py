"""Bytes of every kind, from the wire to a terminal and to a pipe: shown, never obeyed."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from itertools import count
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import short_folder
from terminals import Seat
from tutorial import Tutorial
from wire import put

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servers import Valkey

    Line = Callable[[bytes], str]

OURS = re.compile(r"\x1b\[(?:\d+(?:;\d+)*m|K)")
"""The colours, and how a footer makes place."""

HOSTILE = st.sampled_from(
    [
        "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "\x9d0;t\x9c", "\x90q\x9c",
        "\x7f", "\b\b\b", "\r", "\n", "\x85", "\u2028", "\u202e", "\u2066", "\u200b", "\ufeff",
        "\ud800", "\U000e0041", "[bold red]", "\x1b(0", "\x0e", "\x1bc", "\x1b[6n", "\u00ad",
    ]
)  # fmt: skip
WORDS = st.lists(HOSTILE | st.text(st.characters(codec=None), max_size=9), max_size=6).map("".join)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | WORDS
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
EVENTS = st.dictionaries(
    st.sampled_from(["type", "text", "name", "user", "message"]) | WORDS, VALUES
)
PAYLOADS = (
    EVENTS.map(lambda event: msgpack.packb(event, unicode_errors="surrogatepass"))
    | VALUES.map(lambda value: msgpack.packb(value, unicode_errors="surrogatepass"))
    | EVENTS.map(lambda event: json.dumps(event, default=repr).encode())
    | WORDS.map(lambda text: text.encode(errors="surrogatepass"))
    | st.binary(max_size=300)
    | st.integers(500, 1100).map(lambda depth: b"\x81\xa1a" * depth + b"\x80")
)
EXAMPLES = settings(max_examples=60)


@pytest.fixture(scope="module")
def project(server: Valkey) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


@pytest.fixture(scope="module")
def client(server: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url) as found:
        yield found


MARKS = count()


def marked(client: redis.Redis, payload: bytes) -> str:
    """Put the payload, and behind it a message by which its end is known."""
    mark = f"mark-{next(MARKS)}-"
    put(client, "safe", payload)
    put(client, "safe", msgpack.packb({"type": "t", "text": mark}))
    return mark


@pytest.fixture(scope="module")
def at_a_terminal(project: Tutorial, client: redis.Redis) -> Iterator[Line]:
    """Returns all that a coloured terminal with a footer was given for one payload."""
    env = {name: value for name, value in project.env.items() if name != "NO_COLOR"}
    command = [str(project.bin / "chatops"), "tail", "safe"]
    seat = Seat(command, project.folder, {**env, "TERM": "xterm"})
    seat.until("ends it.")  # the footer is there before, and again after
    seat.until("q quits", after=seat.seen.index("ends it."))

    def given_for(payload: bytes) -> str:
        before = len(seat.seen)
        mark = marked(client, payload)
        seat.until(f"{mark}\r\n", after=before)
        return seat.seen[before : seat.seen.index(mark, before)]

    try:
        yield given_for
    finally:
        seat.leave()


@pytest.fixture(scope="module", params=[[], ["--json"], ["-F", "{room} {type} {body} {text}"]])
def in_a_pipe(
    project: Tutorial, client: redis.Redis, request: pytest.FixtureRequest
) -> Iterator[Line]:
    """Returns all that a pipe was given for one payload."""
    tail = project.background("tail", "safe", *request.param)
    assert tail.stderr is not None
    assert tail.stdout is not None
    assert "safe" in tail.stderr.readline()
    out = tail.stdout

    def given_for(payload: bytes) -> str:
        mark = marked(client, payload)
        lines: list[str] = []
        while not lines or mark not in lines[-1]:
            lines.append(out.readline())
            assert lines[-1], "it has ended"
        return "".join(lines[:-1])

    try:
        yield given_for
    finally:
        tail.terminate()
        tail.communicate(timeout=60)


def dangerous(text: str) -> list[str]:
    return [each for each in text if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@EXAMPLES
@given(payload=PAYLOADS)
def test_a_terminal_is_given_one_harmless_line(at_a_terminal: Line, payload: bytes) -> None:
    text = OURS.sub("", at_a_terminal(payload))

    ends = text.count("\r\n")
    assert ends == 1
    assert dangerous(text.replace("\r\n", "").replace("\r", "")) == []


@EXAMPLES
@given(payload=PAYLOADS)
def test_a_pipe_is_given_one_harmless_line(in_a_pipe: Line, payload: bytes) -> None:
    text = in_a_pipe(payload)

    assert text.endswith("\n")
    assert dangerous(text[:-1]) == []


@pytest.fixture
def shown(project: Tutorial, client: redis.Redis) -> Callable[..., Any]:
    """What --json shows of one payload."""

    def found(payload: bytes, *options: str) -> Any:
        tail = project.background("tail", "safe", "--json", "-n", "1", *options)
        assert tail.stderr is not None
        tail.stderr.readline()
        put(client, "safe", payload)
        out, _ = tail.communicate(timeout=60)
        return json.loads(out)

    return found


def test_what_cannot_be_read_says_how_we_tried_and_what_it_looks_like(
    shown: Any, project: Tutorial
) -> None:
    found = shown(b'{"type": "t"}', "--raw", "hex")

    assert found["problem"].startswith("not readable as msgpack with no key: ")
    assert found["problem"].endswith("; its sender writes JSON")
    assert (found["body"], found["bytes"]) == ({}, 13)
    assert bytes.fromhex(found["raw"]) == b'{"type": "t"}'


def test_an_encrypted_payload_is_told_by_its_look(shown: Any) -> None:
    assert shown(b"gAAAAABh")["problem"].endswith("; its sender encrypts")


def test_a_sender_without_a_key_is_told_by_who_has_one(
    project: Tutorial, client: redis.Redis
) -> None:
    with short_folder() as folder:
        key = folder / "key"
        key.write_text("secret")
        key.chmod(0o600)
        url = ["--url", project.env["LAYER_URL"], "--key-file", str(key)]
        tail = subprocess.Popen(
            [str(project.bin / "chatops"), "tail", "safe", "-n", "2", "--json", *url],
            cwd=folder, env=project.env, text=True, stdout=-1, stderr=-1,
        )  # fmt: skip
        assert tail.stderr is not None
        tail.stderr.readline()
        put(client, "safe", msgpack.packb({"type": "t"}))
        put(client, "safe", b"gAAAAABh")
        out, _ = tail.communicate(timeout=60)

    first, second = [json.loads(line)["problem"] for line in out.splitlines()]
    assert first.startswith("not readable as msgpack with our key: ")
    assert first.endswith("; its sender does not encrypt")
    assert second.endswith("; its sender has another key")
    assert "secret" not in out
