"""`chatops tail` as a command: what it is given, what it shows, and how it ends."""

from __future__ import annotations

import gzip
import json
import resource
import signal
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import wire
from servers import short_folder, wait_until
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import redis
    from servers import Valkey

    Tail = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def project(server: Valkey) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


@pytest.fixture
def say(broker: redis.Redis) -> Callable[..., None]:
    return partial(wire.say, broker)


@pytest.fixture
def watch(project: Tutorial, broker: redis.Redis) -> Iterator[Tail]:
    """Starts a tail, and returns once it watches; what it said then is its `.ready`."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process: Any = project.background("tail", *arguments)
        started.append(process)
        process.ready = process.stderr.readline()
        assert "atching" in process.ready
        return process

    yield start
    for each in started:
        each.kill()
        each.communicate()


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_several_rooms_and_those_that_come_later_are_named(watch: Tail, say: Any) -> None:
    tail = watch("vip", "support-*", "-n", "3")
    for room in ("support-1", "other", "vip", "support-2"):
        say(room, "hello", name="Ann")

    out, err = tail.communicate(timeout=60)

    assert [line.split(" ", 1)[1] for line in out.splitlines()] == [
        f"{room} chat.message Ann: hello" for room in ("support-1", "vip", "support-2")
    ]
    assert tail.ready == "Watching vip, support-*. Ctrl-C ends it.\n"  # type: ignore[attr-defined]
    assert (tail.returncode, err) == (0, "")


def test_ready_is_an_object_that_names_what_is_watched(watch: Tail) -> None:
    tail = watch("a", "b*", "--json", "--for", "100ms")

    assert json.loads(tail.ready) == {  # type: ignore[attr-defined]
        "kind": "ready", "room": None, "group": None, "watching": ["a", "b*"],
    }  # fmt: skip
    assert tail.wait(60) == 0


def test_what_is_chosen_is_shown_and_hidden_fields_are_not(watch: Tail, say: Any) -> None:
    tail = watch(
        "lobby", "--json", "-n", "1", "--type", "chat.*", "--grep", "^tea", "--where", "n > `1`",
        "--redact", "user.email",
    )  # fmt: skip
    say("lobby", "tea", n=1)
    say("lobby", "coffee", n=2)
    say("lobby", "tea time", n=3, user={"email": "a@example.com", "name": "Ann"})

    [found] = lines(tail.communicate(timeout=60)[0])

    assert found["body"]["user"] == {"email": "***", "name": "Ann"}
    assert found["body"]["n"] == 3


def test_an_expression_that_takes_for_ever_ends_the_tail(watch: Tail, say: Any) -> None:
    tail = watch("lobby", "--grep", "(a+)+$")
    say("lobby", "a" * 60 + "!")

    out, error = tail.communicate(timeout=60)

    assert (tail.returncode, out) == (2, "")
    assert error.startswith("'(a+)+$' takes seconds on a single message")


def test_a_template_writes_lines_of_ones_own(watch: Tail, say: Any) -> None:
    tail = watch("lobby", "-n", "1", "-F", "{seen_at:%Y} {room} {body[text]} {body[x]}")
    say("lobby", "a\x1bb")

    out, _ = tail.communicate(timeout=60)

    assert out.endswith(" lobby a\\x1bb -\n")


def test_statistics_are_talk(watch: Tail, say: Any) -> None:
    tail = watch("lobby", "--json", "--stats", "200ms", "--sample", "1/10", "--type", "none")
    say("lobby", "one")
    say("lobby", "two")
    assert tail.stderr is not None
    found = json.loads(tail.stderr.readline())
    tail.terminate()
    out, _ = tail.communicate(timeout=60)

    assert (found["kind"], found["room"]) == ("stats", "lobby")
    assert found["messages"] in {1, 2}
    assert out == ""


def test_a_command_runs_once_what_is_sent_is_seen(project: Tutorial, broker: redis.Redis) -> None:
    send = "python -c \"import redis, msgpack; redis.Redis.from_url('$LAYER_URL').publish("
    send += "'asgi__group__chat_lobby', msgpack.packb({'type': 't', 'text': 'sent'}))\"; echo done"
    env = {"PATH": f"{project.bin}:/usr/bin:/bin"}
    done = project.run(
        "chatops", "tail", "lobby", "-n", "1", "--for", "60s", "--once-connected", send, env=env
    )

    assert (done.returncode, done.stdout.split(" ", 1)[1]) == (0, "lobby t sent\n")
    assert done.stderr == "Watching lobby. Ctrl-C ends it.\ndone\n"


def test_a_command_that_fails_ends_the_tail(project: Tutorial) -> None:
    done = project.chatops("tail", "lobby", "--once-connected", "exit 7")

    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == ["--once-connected 'exit 7' ended with exit code 7."]


def runs(group: int) -> bool:
    """Whether a process of the group is alive; a zombie is not."""
    stats = [
        Path(f"/proc/{pid.name}/stat") for pid in Path("/proc").iterdir() if pid.name.isdigit()
    ]
    for stat in stats:
        try:
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of) == group and state != "Z":
            return True
    return False


def test_a_command_is_ended_when_the_tail_is_interrupted(watch: Tail, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    tail = watch("lobby", "--once-connected", f"echo $$ > {file}; sleep 1000 & wait")
    wait_until(lambda: file.exists() and file.read_text().endswith("\n"), "the command")
    tail.send_signal(signal.SIGINT)

    assert tail.wait(60) == 130
    group = int(file.read_text())
    wait_until(lambda: not runs(group), "the command's end")


def test_silence_ends_a_tail(watch: Tail, say: Any) -> None:
    tail = watch("lobby", "--idle", "300ms")
    say("lobby", "last words")

    out, _ = tail.communicate(timeout=60)

    assert (tail.returncode, out.count("\n")) == (0, 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--where", "a =="], "is no JMESPath expression"),
        (["--where", "nofunction(a)"], "there is no function nofunction()"),
        (["--grep", "("], "'(' is no regular expression"),
        (["--sample", "5"], "'5' is not a share such as 1/100"),
        (["--sample", "1/0"], "'1/0' is not a share such as 1/100"),
        (["-F", "{x}"], "no such field as 'x'"),
        (["-F", "{room}", "--json"], "--json and --template contradict one another"),
        (["--raw", "hex", "--redact", "text"], "--raw and --redact contradict one another"),
        (["--raw", "text"], "'text' is not one of 'hex', 'base64'"),
        (["--redact", "a..b"], "'a..b' is no field"),
        (["--idle", "soon"], "'soon' is not a duration"),
        (["-n", "0"], "it is at least 1"),
        (["--record", "/nowhere/file"], "'/nowhere/file' cannot be recorded to: No such file"),
        (["--record", "-"], "--record takes a file; --json writes to stdout"),
        (["--record", "a.jsonl", "--redact", "type"], "--redact type and --record contradict"),
        (["a b"], "'chat_a b'"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(
    project: Tutorial, options: list[str], told: str
) -> None:
    done = project.chatops("tail", "lobby", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


# ---------------------------------------------------------------- recording


def test_a_recording_holds_what_was_shown_whatever_ends_the_tail(
    watch: Tail, say: Any, tmp_path: Path
) -> None:
    file = tmp_path / "seen.jsonl"
    for number, name in enumerate(("KILL", "TERM", "HUP", "INT")):
        tail = watch("lobby", "--json", "--record", str(file), "--redact", "pin")
        say("lobby", f"number {number}", pin="hush")
        assert tail.stdout is not None
        tail.stdout.readline()
        tail.send_signal(getattr(signal, f"SIG{name}"))
        tail.wait(60)

    found = lines(file.read_text())
    assert [each["body"]["text"] for each in found if each["kind"] == "message"] == [
        f"number {number}" for number in range(4)
    ]
    assert "hush" not in file.read_text()


def test_a_recording_is_packed_by_its_name(watch: Tail, say: Any, tmp_path: Path) -> None:
    file = tmp_path / "seen.jsonl.gz"
    tail = watch("lobby", "-n", "1", "--record", str(file))
    say("lobby", "hello")
    tail.communicate(timeout=60)

    assert lines(gzip.decompress(file.read_bytes()).decode())[-1]["body"]["text"] == "hello"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux")
def test_a_full_disk_is_told_and_what_was_recorded_stays(
    watch: Tail, say: Any, tmp_path: Path
) -> None:
    file = tmp_path / "seen.jsonl"
    tail = watch("lobby", "--record", str(file))
    resource.prlimit(tail.pid, resource.RLIMIT_FSIZE, (8000, 8000))
    say("lobby", "first")
    assert tail.stdout is not None
    tail.stdout.readline()
    say("lobby", "x" * 9000)

    _, err = tail.communicate(timeout=60)

    assert tail.returncode == 1
    [line] = err.splitlines()
    assert str(file) in line
    assert lines(file.read_text())[-1]["body"]["text"] == "first"


def test_a_full_disk_behind_stdout_is_told(project: Tutorial, broker: redis.Redis) -> None:
    command = f"{project.bin / 'chatops'} tail lobby > /dev/full"
    tail: Any = subprocess.Popen(
        ["/bin/sh", "-c", f"exec {command}"], cwd=project.folder, env=project.env, text=True,
        stderr=-1,
    )  # fmt: skip
    tail.stderr.readline()
    wire.say(broker, "lobby", "hello")
    _, err = tail.communicate(timeout=60)

    assert tail.returncode == 1
    assert err.startswith("The output cannot be written: ")
    assert len(err.splitlines()) == 1


# ---------------------------------------------------------------- where it is written


def test_a_reader_that_leaves_is_a_good_end(project: Tutorial, broker: redis.Redis) -> None:
    send = "python -c \"import redis, msgpack; c = redis.Redis.from_url('$LAYER_URL')\n"
    send += "for _ in range(9999): c.publish('asgi__group__chat_lobby', msgpack.packb({}))\""
    script = 'chatops tail lobby --once-connected "$SEND" | head -1; exit ${PIPESTATUS[0]}'
    env = {**project.env, "SEND": send, "PATH": f"{project.bin}:/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=project.folder, env=env, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


def test_a_big_burst_passes_through_a_slow_pipe_whole(watch: Tail, say: Any) -> None:
    tail = watch("lobby", "--json", "--idle", "1s")
    for number in range(300):
        say("lobby", "x" * 1000, n=number)

    out, _ = tail.communicate(timeout=60)

    assert [each["body"]["n"] for each in lines(out)] == list(range(300))
