"""Recordings: what is read is what was written, whatever happened in between."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from hypothesis import given
from hypothesis import strategies as st
from servers import short_folder

from chatops.errors import BadValue
from chatops.model.message import Gap, Message
from chatops.model.recorded import Began, Flaw
from chatops.recording.lines import line, read
from chatops.recording.reading import recorded, settled
from chatops.recording.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAGIC = {".gz": b"\x1f\x8b\x08\x00", ".zst": b"\x28\xb5\x2f\xfd"}
NOW = datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC)
LOST = Gap(room="lobby", group="chat_lobby", seconds=1.5, reason="we were stopped", missed=7)

words = st.sampled_from(["base64", "float", "pairs", "unknown", "type"])
texts = st.text(st.characters(), max_size=20) | words  # with lone surrogates
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | texts
    | st.binary(max_size=20)
)
keys = texts | st.binary(max_size=5) | st.integers() | st.none()
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)
text_or_bytes = st.text(max_size=9) | st.binary(max_size=9)
off_the_wire = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | text_or_bytes,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text_or_bytes, inner, max_size=3),
)
bodies = st.dictionaries(keys, values, max_size=4)


@pytest.fixture(params=["", ".gz", ".zst"])
def file(request: pytest.FixtureRequest) -> Iterator[Path]:
    with short_folder() as folder:
        yield folder / f"lobby.jsonl{request.param}"


def said(number: object, **more: Any) -> Message:
    body = {"type": "chat.message", "text": f"hello {number}", **more}
    return Message("lobby", "chat_lobby", "chat.message", body, NOW, 40)


def write(file: Path, *values: Message | Gap) -> None:
    with Recorder(file) as recorder:
        recorder.record(values)


def told(value: object) -> str:
    """Tell any two values apart, also those that are equal, such as 1 and True."""
    return repr(value)


# ---------------------------------------------------------------- what is written comes back


@given(body=bodies, room=st.none() | texts, problem=st.none() | texts)
def test_a_message_comes_back_exactly(
    body: dict[Any, Any], room: str | None, problem: str | None
) -> None:
    message = Message(room, "chat_lobby", "t", body, NOW, 3, problem)

    written = line(message)

    assert (written.count(b"\n"), written.isascii()) == (1, True)
    json.loads(written, parse_constant=pytest.fail)
    assert told(read(written)) == told(message)


@given(seconds=st.none() | st.floats(0, 1e9), missed=st.none() | st.integers(0))
def test_a_gap_comes_back_exactly(seconds: float | None, missed: int | None) -> None:
    gap = Gap(room=None, group="chat_lobby", seconds=seconds, reason="\x1b[2J", missed=missed)

    assert read(line(gap)) == gap


@given(event=st.dictionaries(text_or_bytes, off_the_wire, max_size=4))
def test_what_came_off_a_layer_comes_back_through_a_recording(event: dict[Any, Any]) -> None:
    layer = RedisPubSubChannelLayer()
    came = layer.deserialize(layer.serialize(event))

    again = read(line(Message(None, "g", None, came, NOW, None)))

    assert isinstance(again, Message)
    assert told(layer.deserialize(layer.serialize(again.body))) == told(event)


def test_a_line_is_what_tail_shows_in_json() -> None:
    text = line(said(1, key=b"\x00"))

    assert json.loads(text) == {
        "kind": "message",
        "room": "lobby",
        "group": "chat_lobby",
        "type": "chat.message",
        "body": {"type": "chat.message", "text": "hello 1", "key": {"base64": "AA=="}},
        "seen_at": "2026-11-23T12:00:00.000001+00:00",
        "bytes": 40,
        "problem": None,
    }


def test_what_a_recording_has_no_word_for_is_told_and_not_made_up() -> None:
    back = read(line(said(1, at=[timedelta(1)])))

    assert isinstance(back, Message)
    assert back.body["at"] == ["datetime.timedelta(days=1)"]
    assert back.problem == "holds what cannot be recorded: datetime.timedelta(days=1)"


def test_a_body_that_is_nested_too_deeply_is_told() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    back = read(line(said(1, deep=deep)))

    assert isinstance(back, Message)
    assert (back.body, back.problem) == ({}, "nested too deeply to be recorded")


def test_a_recording_goes_on_where_it_ended(file: Path) -> None:
    write(file, said(1), LOST)
    write(file, said(2))

    assert list(recorded(file)) == [
        Began(version=1), said(1), LOST, Began(version=1), said(2),
    ]  # fmt: skip


def test_a_recording_in_which_nothing_was_said_goes_on_whole(file: Path) -> None:
    write(file)
    write(file, said(1))

    assert list(recorded(file)) == [Began(version=1), Began(version=1), said(1)]


def test_what_is_written_while_it_is_read_is_not_read(file: Path) -> None:
    with Recorder(file) as recorder:
        recorder.record([said(1)])
        again = settled(file)
        first = []
        for each in islice(again(), 9):
            recorder.record([said(2)])
            first.append(each)

    assert first == list(again()) == [Began(version=1), said(1)]


def test_a_recording_says_what_it_is_and_is_its_owners_alone(tmp_path: Path) -> None:
    write(file := tmp_path / "a.jsonl", said(1))

    first = json.loads(file.read_bytes().splitlines()[0])

    assert (first["kind"], first["version"]) == ("recording", 1)
    assert set(first["words"]) == {"base64", "float", "pairs", "unknown"}
    assert file.stat().st_mode & 0o777 == 0o600


# ---------------------------------------------------------------- what is damaged


def test_a_damaged_line_costs_itself_alone(tmp_path: Path) -> None:
    write(file := tmp_path / "a.jsonl", said(1), said(2), said(3), said(4))
    lines = file.read_bytes().splitlines(keepends=True)
    lines[2:4] = [lines[2][:50] + b"\n", b"\x00\xff\n"]
    file.write_bytes(b"".join(lines))

    _, one, flaw, four = recorded(file)

    assert (one, four) == (said(1), said(4))
    assert isinstance(flaw, Flaw)
    assert (flaw.line, flaw.lines) == (3, 2)
    assert flaw.reason.startswith("not a line of JSON as recordings have it")


@pytest.mark.parametrize(
    "text",
    [
        b'{"kind": "message", "group": "g", "body": {}, "seen_at": "yesterday"}',
        b'{"kind": "message", "group": "g", "body": {}, "seen_at": "2026-11-23T12:00:00"}',
        b'{"kind": "message", "group": 7, "body": {}, "seen_at": "2026-11-23T12:00:00Z"}',
        b'{"kind": "message", "group": "g", "body": {"base64": "A"}, "seen_at": "2026-11-23"}',
        b'{"kind": "message", "group": "g", "body": {"pairs": [[[], 1]]}, "seen_at": "2026-11-23"}',
        b'{"kind": "gap", "group": "g", "reason": "x", "missed": true}',
        b'{"kind": "gap", "group": "g", "reason": "x", "seconds": "1"}',
        b'{"kind": "rooms"}',
        b"[1]",
        b"[" * 100_000,
        b"",
    ],
)
def test_what_no_recorder_wrote_is_a_flaw(tmp_path: Path, text: bytes) -> None:
    write(file := tmp_path / "a.jsonl")
    with file.open("ab") as more:
        more.write(text + b"\n")

    _, flaw = recorded(file)

    assert isinstance(flaw, Flaw)
    assert flaw.line == 2


def test_a_line_without_an_end_is_a_flaw_and_never_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.recording.reading._LONGEST", 1000)
    write(file := tmp_path / "a.jsonl")
    with file.open("ab") as more:
        more.write(b"[" * 5500 + b"\n" + line(said(1)))

    _, flaw, one = recorded(file)

    assert isinstance(flaw, Flaw)
    assert (flaw.line, flaw.lines, one) == (2, 1, said(1))
    assert "cut short" not in flaw.reason


def test_any_cut_leaves_what_was_before_it(tmp_path: Path) -> None:
    write(file := tmp_path / "a.jsonl", said(1), said(2))
    whole = file.read_bytes()
    start = whole.index(b"\n") + 1
    ends = [whole.index(b"\n", start), len(whole) - 1]
    for cut in range(start, len(whole)):
        file.write_bytes(whole[:cut])

        _, *found = recorded(file)

        good = [said(number) for number, end in enumerate(ends, 1) if cut >= end]
        assert [each for each in found if isinstance(each, Message)] == good
        flaws = [each.reason for each in found if isinstance(each, Flaw)]
        assert flaws == ([] if cut in {start, *ends, ends[0] + 1} else ["cut short"])


@pytest.mark.parametrize("end", [".gz", ".zst"])
def test_a_compressed_recording_that_is_cut_is_read_up_to_there(tmp_path: Path, end: str) -> None:
    file = tmp_path / f"a.jsonl{end}"
    write(file, said(1))
    good = len(file.read_bytes())
    write(file, said(2))
    whole = file.read_bytes()
    members = [at for at in range(good + 1, len(whole)) if whole[at:].startswith(MAGIC[end])]
    for cut in range(good + 1, len(whole)):
        file.write_bytes(whole[:cut])

        _, one, *rest = recorded(file)

        assert one == said(1)
        assert rest, cut
        if cut not in members:
            assert isinstance(rest[-1], Flaw), cut


@pytest.mark.parametrize("end", [".gz", ".zst"])
def test_what_follows_in_a_damaged_compressed_recording_is_told(tmp_path: Path, end: str) -> None:
    file = tmp_path / f"a.jsonl{end}"
    write(file, said(1))
    good = file.read_bytes()
    write(file, *map(said, range(100)))
    file.write_bytes(good + b"\x00" * 1000)

    _, one, flaw = recorded(file)

    assert one == said(1)
    assert isinstance(flaw, Flaw)
    assert (flaw.line, flaw.lines) == (3, None)
    assert "not readable from here on" in flaw.reason


def test_another_version_is_read_up_to_there(tmp_path: Path) -> None:
    write(file := tmp_path / "a.jsonl", said(1))
    with file.open("ab") as more:
        more.write(b'{"kind": "recording", "version": 2}\n{"kind": "whatever"}\n')

    assert list(recorded(file))[2:] == [
        Flaw(
            line=3,
            lines=None,
            reason="from here on a recording of version 2, and this chatops knows version 1: "
            "update it",
        )
    ]


def test_a_recording_whose_last_line_was_cut_goes_on_behind_it(tmp_path: Path) -> None:
    write(file := tmp_path / "a.jsonl", said(1), said(2))
    file.write_bytes(file.read_bytes()[:-20])
    write(file, said(3))

    _, one, flaw, _, three = recorded(file)

    assert (one, three) == (said(1), said(3))
    assert isinstance(flaw, Flaw)


def test_a_recording_of_another_version_is_not_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(before := b'{"kind": "recording", "version": 2}\n')

    with pytest.raises(BadValue, match="is a recording of version 2, and this chatops writes"):
        write(file, said(1))
    assert file.read_bytes() == before


@pytest.mark.parametrize("end", [".gz", ".zst"])
def test_a_compressed_recording_that_is_cut_is_not_gone_on_with(tmp_path: Path, end: str) -> None:
    write(file := tmp_path / f"a.jsonl{end}", said(1))
    file.write_bytes(before := file.read_bytes()[:-1])

    with pytest.raises(BadValue, match="is damaged at its end: cut short"):
        write(file, said(2))
    assert file.read_bytes() == before


# ---------------------------------------------------------------- what is none


@pytest.mark.parametrize("content", [b"a diary\n", b'{"kind": "message"}\n', b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_no_recording_is_refused_and_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(BadValue, match="is no recording"):
        write(file, said(1))
    with pytest.raises(BadValue, match="is no recording") as caught:
        list(recorded(file))
    assert ("not readable" in str(caught.value) or "cut short" in str(caught.value)) == (
        file.suffix != ".jsonl"
    )
    assert file.read_bytes() == content


def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, why in {"": "Is a directory", "no/a": "No such file", "pipe": "no regular"}.items():
        with pytest.raises(BadValue, match=why):
            write(tmp_path / place, said(1))
    with pytest.raises(BadValue, match="No such file"):
        list(recorded(tmp_path / "missing"))
    with pytest.raises(BadValue, match="is no regular file, and is read more than once"):
        list(recorded(tmp_path / "pipe"))


def test_zst_without_its_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)

    with pytest.raises(BadValue, match=r"pip install 'django-chatops\[zst\]'"):
        write(tmp_path / "a.zst", said(1))
    with pytest.raises(BadValue, match=r"a\.gz|ends in \.gz"):
        list(recorded(tmp_path / "a.zst"))
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- whatever happens

WRITING = """
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from chatops.model.message import Message
from chatops.recording.recorder import Recorder

with Recorder(Path(sys.argv[1])) as recorder:
    for number in count():
        at = datetime.now(UTC)
        body = {"type": "chat.message", "number": number, "text": "x" * 1000}
        recorder.record([Message("lobby", "chat_lobby", "chat.message", body, at, 40)] * 20)
        print(number, flush=True)
"""


def writing(file: Path, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITING, str(file)]
    return subprocess.Popen(command, stdout=-1, stderr=-1, text=True, **more)


def test_what_is_killed_leaves_whole_lines(file: Path) -> None:
    process = writing(file)
    assert process.stdout is not None
    for _ in range(50):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    out, _ = process.communicate()

    _, *found = recorded(file)

    told_last = int(out.split()[-1]) if out.split() else 49
    assert {type(each) for each in found} == {Message}
    assert len(found) >= 20 * (told_last + 1)


def test_a_full_disk_is_told_and_what_was_written_stays_good(file: Path) -> None:
    most = 1_000_000 if file.suffix == ".jsonl" else 20_000
    limit = resource.RLIMIT_FSIZE, (most, most)
    process = writing(file, preexec_fn=lambda: resource.setrlimit(*limit))
    out, err = process.communicate()

    _, *found = recorded(file)

    assert f"The recording {str(file)!r} cannot be written: File too large" in err
    assert "Unwritable" in err
    assert [type(each) for each in found] == [Message] * 20 * len(out.split())
    assert file.stat().st_size <= most


def test_two_do_not_record_to_one_file(file: Path) -> None:
    process = writing(file)
    assert process.stdout is not None
    process.stdout.readline()

    with pytest.raises(BadValue, match="is being recorded to by another"):
        write(file, said(1))
    process.kill()
    process.communicate()
    write(file, said(1))
    assert list(recorded(file))[-1] == said(1)


def test_a_long_recording_takes_no_memory(file: Path) -> None:
    with Recorder(file) as recorder:
        for start in range(0, 6000, 500):
            recorder.record([said(number) for number in range(start, start + 500)])
    tracemalloc.start()
    try:
        count = sum(isinstance(each, Message) for each in recorded(file))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert count == 6000
    assert most < 1_000_000
