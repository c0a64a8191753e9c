"""How what a tail hears is written: the lines are harmless, the objects are those of --json."""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.errors import BadValue
from chatops.model.message import Gap, Message
from chatops.rendering.feed import open_feed
from chatops.rendering.footer import Footer
from chatops.rendering.jsonlines import JsonLines, dumps
from chatops.rendering.lines import Lines, clock_since
from chatops.rendering.look import Look, Raw
from chatops.rendering.objects import Objects
from chatops.rendering.paint import Paint
from chatops.rendering.screen import Surface
from chatops.rendering.shape import LONGEST, TOO_DEEP
from chatops.rendering.template import template

AT = datetime(2026, 11, 23, 12, 0, 1, 500, UTC)
GAP = Gap(room="a", group="chat_a", seconds=1.25, reason="away\x1b[2J", missed=7)
OURS = re.compile(r"\x1b\[[\d;]*m")
TEXT = st.text(st.characters(codec=None), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(TEXT | st.none() | st.booleans() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(TEXT | st.sampled_from(["text", "name", "type", "message"]), VALUES)
MESSAGES = st.builds(
    Message,
    st.none() | TEXT,
    TEXT,
    st.none() | TEXT,
    BODIES,
    st.just(AT) | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.integers(0),
    st.none() | TEXT,
    st.none() | st.binary(),
)


def message(body: dict[str, Any], **more: Any) -> Message:
    return Message("a", "chat_a", body.get("type"), body, AT, 41)._replace(**more)


def deep() -> dict[str, Any]:
    body: dict[str, Any] = {}
    for _ in range(5000):
        body = {"a": body}
    return body


# ---------------------------------------------------------------- objects


@given(st.lists(MESSAGES | st.just(GAP), max_size=5))
def test_a_batch_of_objects_is_what_each_would_be_alone(heard: list[Any]) -> None:
    lines = Objects().lines(heard).splitlines()

    # Read, because of the keys true and "true" in one object JSON keeps the last.
    assert list(map(json.loads, lines)) == [json.loads(dumps(each)) for each in heard]


@given(st.lists(MESSAGES, max_size=5))
def test_every_object_is_one_line_of_ascii_that_can_be_read_back(heard: list[Any]) -> None:
    lines = Objects(Raw.HEX).lines(heard).splitlines()

    assert all(line.isascii() and line.isprintable() for line in lines)
    assert [json.loads(line)["bytes"] for line in lines] == [each.bytes for each in heard]
    assert [json.loads(line)["raw"] for line in lines] == [
        None if each.payload is None else each.payload.hex() for each in heard
    ]


def test_an_event_that_cannot_be_written_is_told_and_the_others_are() -> None:
    first, second = Objects().lines([message(deep()), message({"type": "t"})]).splitlines()

    assert (json.loads(first)["problem"], json.loads(first)["body"]) == (TOO_DEEP, {})
    assert json.loads(second)["body"] == {"type": "t"}


def test_nobody_can_forge_an_object() -> None:
    body = {"type": "t", "text": '"}, "problem": null}\n{"kind": "message", "room": "forged'}

    [line] = Objects().lines([message(body)]).splitlines()

    assert json.loads(line)["body"] == body


def test_the_screen_writes_the_same_object() -> None:
    out = io.StringIO()
    JsonLines(out, out).show(message({"n": math.nan}))

    assert out.getvalue() == Objects().lines([message({"n": math.nan})])


# ---------------------------------------------------------------- lines


@given(st.lists(MESSAGES | st.just(GAP), max_size=5), st.booleans())
def test_one_message_is_one_line_and_drives_no_terminal(heard: list[Any], on: bool) -> None:  # noqa: FBT001
    text = Lines(Paint(on=on)).lines(heard)

    lines = OURS.sub("", text).removesuffix("\n").split("\n") if heard else []
    assert len(lines) == len(heard)
    assert not dangerous("".join(lines))


def dangerous(text: str) -> set[str]:
    return {each for each in text if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"type": "t", "text": "hi", "name": "Ann"}, "Ann: hi"),
        ({"type": "t", "message": "hi", "user": {"username": "ann"}}, "ann: hi"),
        ({"type": "t", "message": {"text": "hi"}, "sender": "Bob"}, "Bob: hi"),
        ({"type": "t", "text": "hi", "name": ""}, "hi"),
        ({"type": "t", "text": 5, "level": "x"}, "text=5 level='x'"),
        ({"type": "t"}, ""),
        ({"type": "t", "text": "[red]no[/red]"}, "[red]no[/red]"),
        ({"type": "t", "text": "x" * 3000}, f"{'x' * LONGEST}… (3000 characters)"),
    ],
)
def test_a_line_says_who_said_what(body: dict[str, Any], shown: str) -> None:
    [line] = Lines(Paint(on=False), lambda _: "12:00:01").lines([message(body)]).splitlines()

    assert line == f"12:00:01 a t {shown}"


def test_an_event_that_is_too_deep_is_told() -> None:
    assert TOO_DEEP in Lines(Paint(on=False)).lines([message(deep())])


def test_a_line_is_coloured_by_its_parts() -> None:
    line = Lines(Paint(on=True), lambda _: "now").lines([message({"type": "t", "text": "hi"})])

    assert line == "\x1b[2mnow\x1b[0m \x1b[36ma\x1b[0m \x1b[35mt\x1b[0m hi\n"


def test_a_gap_says_where_how_many_how_long_and_why() -> None:
    lines = Lines(Paint(on=False))
    unknown = Gap(room=None, group=None, seconds=None, reason="away")

    assert lines.lines([GAP]) == "── gap in a: 7 messages are missing in 1.2 s: away\\x1b[2J\n"
    assert lines.lines([unknown]) == "── gap: messages may be missing: away\n"


def test_relative_times_count_from_the_beginning() -> None:
    assert clock_since(AT)(AT + timedelta(seconds=61.5)) == "+61.500"


@pytest.mark.parametrize(
    ("raw", "payload", "shown"),
    [(Raw.HEX, b"\x00\xff", "00ff"), (Raw.BASE64, b"\x00\xff", "AP8="), (Raw.HEX, None, "-")],
)
def test_raw_is_the_bytes_off_the_wire(raw: Raw, payload: bytes | None, shown: str) -> None:
    lines = Lines(Paint(on=False), lambda _: "now", raw)

    assert lines.lines([message({"type": "t"}, payload=payload)]) == f"now a t {shown}\n"


def test_what_cannot_be_read_is_told_in_its_place() -> None:
    line = Lines(Paint(on=False)).lines([message({}, problem="not readable\a")])

    assert line.endswith("not readable\\x07\n")


def test_the_kept_beginnings_of_lines_do_not_grow_with_what_is_sent() -> None:
    lines, objects = Lines(Paint(on=False)), Objects()
    heard = [message({"type": f"t{number}"}) for number in range(10_001)]

    lines.lines(heard)
    objects.lines(heard)

    assert len(lines._places) < 10_000
    assert len(objects._heads) < 10_000


def test_lines_are_drawn_without_rich() -> None:
    loaded = "import sys, chatops.cli.watching, chatops.rendering.terminal as _; "
    loaded += "print('rich' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", loaded], stdout=-1, text=True, check=True)

    assert done.stdout == "False\n"


# ---------------------------------------------------------------- templates


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{room} {body[text]}", "a hi\\x1b"),
        ("{body[user][name]}/{body[tags][1]}", "Zoë/y"),
        ("{body[nowhere]}{body[user][x]}{body[tags][9]}{body[text][x]}", "----"),
        ("{type:>4}|{bytes:05d}|{bytes}", "   t|00041|41"),
        ("{body[text]:d}", "hi\\x1b"),
        ("{body[user]}", '{"name": "Zoë"}'),
        ("{body[none]} {body[yes]}", "- true"),
        ("{who}: {text} {{}}", "Ann: hi\\x1b {}"),
        ("{seen_at:%Y}", "2026"),
    ],
)
def test_a_template_is_filled_in_with_what_there_is(text: str, line: str) -> None:
    body = {"text": "hi\x1b", "type": "t", "user": {"name": "Zoë"}, "tags": ["x", "y"]}
    filled = template(text).line(message({**body, "none": None, "yes": True, "name": "Ann"}))

    assert filled == line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no template"),
        ("nothing", "has no field"),
        ("{}", "no such field as ''"),
        ("{0}", "no such field as '0'"),
        ("{user}", "no such field as 'user'"),
        ("{body.__class__}", "no such field as 'body.__class__'"),
        ("{body[x].__class__}", "is no field"),
        ("{body[]}", "is no field"),
        ("{room[x]}", "is no field"),
        ("{room!r}", "takes a format after a colon"),
        ("{room:{bytes}}", "takes a format after a colon"),
        ("{bytes:%Y}", "is no format"),
    ],
)
def test_a_template_that_is_none_is_told_at_once(text: str, told: str) -> None:
    with pytest.raises(BadValue, match=re.escape(told)):
        template(text)


@given(MESSAGES)
def test_a_filled_template_drives_no_terminal(each: Message) -> None:
    text = "{seen_at} {room} {group} {type} {bytes} {problem} {who} {text} {body} {body[text]}"

    assert not dangerous(template(text).line(each))


class Notes:
    """A screen that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, message: str) -> None:
        self.said.append(message)


def feed(look: Look, *, json: bool = False) -> tuple[Any, Notes]:
    notes: Any = Notes()
    return open_feed(Surface(screen=notes, out=io.StringIO(), json=json, color=True), look), notes


def test_a_gap_has_no_place_in_a_template_and_is_said() -> None:
    filled, notes = feed(Look(template=template("{room}")))

    assert filled.lines([message({}), GAP, message({})]) == "a\na\n"
    assert notes.said == ["── gap in a: 7 messages are missing in 1.2 s: away\\x1b[2J"]


@pytest.mark.parametrize(
    ("look", "json"),
    [
        (Look(template=template("{room}")), True),
        (Look(relative=True), True),
        (Look(template=template("{room}"), raw=Raw.HEX), False),
        (Look(template=template("{room}"), relative=True), False),
    ],
)
def test_looks_that_contradict_one_another_are_refused(look: Look, *, json: bool) -> None:
    with pytest.raises(BadValue, match="contradict one another"):
        feed(look, json=json)


# ---------------------------------------------------------------- the footer


@given(TEXT, TEXT, st.integers(1, 60))
def test_a_footer_is_one_line_that_fits(typed: str, found: str, width: int) -> None:
    for each in (None, typed):
        footer = Footer(seen=10**9, per_s=1.0, missed=1, filter=found, typed=each)
        line = footer.drawn(Paint(on=False), width)

        wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
        assert wide < width
        assert not dangerous(line)
