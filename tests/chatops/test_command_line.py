"""The command line as a shell sees it: real processes, a real server, a stranger's project."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from application import configure
from django.core.management import CommandError, call_command
from processes import wait_until
from servers import short_folder, valkey
from tutorial import Tutorial
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis
    from websockets.sync.client import ClientConnection

LIVE = [f"CHO1{n:02}" for n in range(1, 12)]
UNLOGGED = "CHO006"  # startproject's logging shows no dropped message, and says so on core


def assert_healthy(check: dict[str, Any]) -> None:
    """See that all live probes were made, and that nothing is loud that need not be."""
    statuses = {finding["id"]: finding["status"] for finding in check["findings"]}
    assert [id_ for id_ in statuses if id_.startswith("CHO1")] == LIVE
    assert {id_ for id_, status in statuses.items() if status not in {"ok", "n/a"}} <= {UNLOGGED}


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def sockets(tutorial: Tutorial, room: str) -> ClientConnection:
    origin: Any = f"http://127.0.0.1:{tutorial.port}"
    return connect(f"{tutorial.ws_url}/{room}/", origin=origin)


@pytest.fixture
def served(tutorial: Tutorial) -> Tutorial:
    tutorial.start()
    return tutorial


@pytest.fixture
def ann(served: Tutorial) -> Iterator[ClientConnection]:
    """A socket in the lobby that has proved that it is in the room."""
    with sockets(served, "lobby") as socket:
        socket.send('{"message": "here"}')
        assert json.loads(socket.recv(20))["message"] == "here"
        yield socket


def watching(tutorial: Tutorial, *options: str) -> subprocess.Popen[str]:
    """A `tail lobby --json` that has said that it is ready."""
    tail = tutorial.background("tail", "lobby", "--json", *options)
    assert tail.stderr is not None
    assert json.loads(tail.stderr.readline())["kind"] == "ready"
    return tail


def piped(tutorial: Tutorial, pipeline: str) -> subprocess.CompletedProcess[str]:
    """Run `chatops …| …` in a shell; the code is that of chatops."""
    return subprocess.run(
        ["/bin/bash", "-c", f"{tutorial.bin}/chatops {pipeline}; exit ${{PIPESTATUS[0]}}"],
        cwd=tutorial.folder,
        env=tutorial.env,
        capture_output=True,
        text=True,
        check=False,
    )


# ---------------------------------------------------------------- the verbs


def test_check_passes_on_a_healthy_layer_and_leaves_nothing(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--json")

    [check] = lines(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert_healthy(check)
    assert check["findings"][0]["id"] == "CHO001"


@pytest.mark.parametrize("kind", ["memory"])
def test_check_fails_where_another_process_hears_nothing(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check")

    assert done.returncode == 1
    assert "CHO106  another process" in done.stdout
    assert "fail" in done.stdout


@pytest.mark.parametrize("kind", ["memory"])
@pytest.mark.parametrize("verb", [["rooms"], ["tail", "lobby"], ["broadcast", "lobby", "hi"]])
def test_the_in_memory_layer_is_refused_where_it_cannot_work(
    tutorial: Tutorial, verb: list[str]
) -> None:
    done = tutorial.chatops(*verb)

    assert done.returncode == 5
    assert "cannot reach another process" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_broadcast_reaches_a_real_socket(served: Tutorial, ann: ClientConnection) -> None:
    done = served.chatops("broadcast", "lobby", "Back in 5", "--json")

    [room, summary] = lines(done.stdout)
    assert json.loads(ann.recv(20)) == {"message": "Back in 5"}
    assert (done.returncode, room["status"], room["reach"]["count"]) == (0, "sent", 1)
    assert summary["handlers_checked"] is True


def test_a_wrong_type_is_refused_and_the_socket_stays_open(
    served: Tutorial, ann: ClientConnection
) -> None:
    refused = served.chatops("broadcast", "lobby", "oops", "--type", "chat.massage")
    sent = served.chatops("broadcast", "lobby", "still here")

    assert (refused.returncode, sent.returncode) == (1, 0)
    assert "'chat.message' of chat.consumers.ChatConsumer" in refused.stderr
    assert json.loads(ann.recv(20)) == {"message": "still here"}


def test_an_empty_room_is_a_failure_on_the_command_line(tutorial: Tutorial) -> None:
    done = tutorial.chatops("broadcast", "nowhere", "hi")

    assert done.returncode == 1
    assert "nobody is in it" in done.stdout


def test_tail_shows_each_message_and_ends_after_the_count(
    served: Tutorial, ann: ClientConnection
) -> None:
    tail = watching(served, "-n", "2")
    ann.send('{"message": "one"}')
    served.chatops("broadcast", "lobby", "two")

    out, err = tail.communicate(timeout=60)

    assert [(each["kind"], each["body"]["message"]) for each in lines(out)] == [
        ("message", "one"),
        ("message", "two"),
    ]
    assert (tail.returncode, err) == (0, "")


def test_hostile_text_is_one_harmless_line(served: Tutorial, ann: ClientConnection) -> None:
    tail = served.background("tail", "lobby", "-n", "1")
    assert tail.stderr is not None
    assert tail.stderr.readline().startswith("Watching lobby")
    ann.send(json.dumps({"message": "\x1b]0;x\x07[red]a\nb\u202e\x9b2J"}))

    out, _ = tail.communicate(timeout=60)

    assert out.endswith("lobby chat.message \\x1b]0;x\\x07[red]a\\nb\\u202e\\x9b2J\n")
    assert len(out.splitlines()) == 1


def test_rooms_lists_who_is_where(served: Tutorial, ann: ClientConnection, kind: str) -> None:
    done = served.chatops("rooms", "lob*", "--json")

    [room] = lines(done.stdout)
    assert (room["kind"], room["room"], room["group"], room["count"]) == (
        "room", "lobby", "chat_lobby", 1,
    )  # fmt: skip
    assert room["unit"] == {"core": "members", "pubsub": "processes"}[kind]
    assert "lobby" in served.chatops("rooms").stdout


def test_no_room_at_all_is_a_no(tutorial: Tutorial) -> None:
    done = tutorial.chatops("rooms")

    assert (done.returncode, done.stdout) == (1, "")


# ---------------------------------------------------------------- the ends of a tail


def members(broker: redis.Redis, kind: str) -> object:
    if kind == "pubsub":
        return broker.pubsub_numpat()
    queues = {key for key in broker.keys("*") if b"tap" in key}
    return queues, broker.zrange("asgi:group:chat_lobby", 0, -1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_tail_leaves_no_member(
    tutorial: Tutorial, broker: redis.Redis, kind: str, number: signal.Signals
) -> None:
    before = members(broker, kind)
    tail = watching(tutorial)
    during = members(broker, kind)
    tail.send_signal(number)
    out, err = tail.communicate(timeout=60)

    assert (tail.returncode, out, err) == (130, "", "")
    assert members(broker, kind) == before != during


def test_a_closed_pipe_is_a_good_end_and_leaves_no_member(
    served: Tutorial, ann: ClientConnection, broker: redis.Redis, kind: str
) -> None:
    before = members(broker, kind)
    tail = watching(served)
    assert tail.stdout is not None
    ann.send('{"message": "one"}')
    first = tail.stdout.readline()
    tail.stdout.close()  # as `head -1` does; nothing more is ever sent

    assert json.loads(first)["body"]["message"] == "one"
    assert tail.wait(60) == 0
    assert tail.stderr is not None
    assert tail.stderr.read() == ""
    assert members(broker, kind) == before
    tail.stderr.close()


def test_a_tail_whose_reader_is_slow_still_obeys_signals(
    served: Tutorial, ann: ClientConnection, broker: redis.Redis, kind: str
) -> None:
    before = members(broker, kind)
    tail = watching(served)  # nobody reads its stdout
    for _ in range(100):
        ann.send(json.dumps({"message": "x" * 4000}))
        ann.recv(20)
    tail.terminate()

    assert tail.wait(60) == 130
    assert members(broker, kind) == before
    tail.communicate()


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("reader", ["true", "head -1"])
def test_a_broadcast_whose_reader_leaves_is_done_all_the_same(
    served: Tutorial, ann: ClientConnection, reader: str
) -> None:
    with sockets(served, "second") as bob:
        bob.send('{"message": "here"}')
        bob.recv(20)
        done = piped(served, f"broadcast lobby second hi | {reader}")

        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(ann.recv(20)) == json.loads(bob.recv(20)) == {"message": "hi"}


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("arguments", ["--help", "--version", "check"])
def test_help_and_check_into_a_closed_pipe_are_a_good_end(
    tutorial: Tutorial, arguments: str
) -> None:
    done = piped(tutorial, f"{arguments} | true")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("kind", ["pubsub"])
def test_a_full_disk_is_one_line(tutorial: Tutorial) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [tutorial.bin / "chatops", "check"], cwd=tutorial.folder, env=tutorial.env,
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip

    assert done.returncode == 1
    assert "The output cannot be written: [Errno 28]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["core"])
def test_text_that_the_terminal_cannot_show_is_shown_as_escapes(
    served: Tutorial, ann: ClientConnection
) -> None:
    served.env["PYTHONIOENCODING"] = "ascii"
    tail = served.background("tail", "lobby", "-n", "1")
    assert tail.stderr is not None
    tail.stderr.readline()
    ann.send(json.dumps({"message": "Zoë"}))

    out, err = tail.communicate(timeout=60)

    assert (tail.returncode, err) == (0, "")
    assert out.endswith("Zo\\xeb\n")


def test_a_message_that_json_has_no_words_for_is_shown_all_the_same(
    tutorial: Tutorial, broker: redis.Redis, kind: str
) -> None:
    tail = watching(tutorial, "-n", "1")
    payload = msgpack.packb({"type": "t", "seen": {b"k": float("nan")}, "raw": b"\x00"})
    if kind == "pubsub":
        broker.publish("asgi__group__chat_lobby", payload)
    else:
        [tap] = broker.zrange("asgi:group:chat_lobby", 0, -1)
        queue = b"asgi" + tap.partition(b"!")[0] + b"!"
        broker.zadd(queue, {b"\x00" * 12 + payload: 1})

    [message] = lines(tail.communicate(timeout=60)[0])

    assert message["body"] == {"type": "t", "seen": {"b'k'": "nan"}, "raw": {"base64": "AA=="}}


@pytest.mark.parametrize("kind", ["core"])
def test_a_killed_tail_leaves_no_member(tutorial: Tutorial, broker: redis.Redis, kind: str) -> None:
    before = members(broker, kind)
    tail = watching(tutorial)
    tail.kill()
    tail.communicate(timeout=60)

    wait_until(lambda: members(broker, kind) == before, "nothing to be left")
    done = tutorial.chatops("rooms")
    assert (done.returncode, done.stdout) == (1, "")


def test_a_tail_outlives_its_server(kind: str) -> None:
    with valkey() as server, short_folder() as folder:
        tutorial = Tutorial(folder, kind, server.url)
        tail = watching(tutorial, "-n", "1", "--for", "60s")
        server.kill()
        server.start()
        assert tail.stdout is not None
        gaps = [json.loads(tail.stdout.readline()) for _ in range(2)]
        tutorial.start()
        with sockets(tutorial, "lobby") as socket:
            socket.send('{"message": "again"}')
            [message] = lines(tail.communicate(timeout=60)[0])
        tutorial.stop()

    assert [(gap["kind"], gap["reason"]) for gap in gaps] == [
        ("gap", "the layer does not answer"),
        ("gap", "the layer did not answer"),
    ]
    assert message["body"]["message"] == "again"
    assert tail.returncode == 0


def test_time_running_out_is_its_own_code(tutorial: Tutorial) -> None:
    done = tutorial.chatops("tail", "lobby", "-n", "1", "--for", "300ms")

    assert done.returncode == 6
    assert "0 of 1 messages came within 0.3 s." in done.stderr


# ---------------------------------------------------------------- the doors

DOORS = {
    "script": ["chatops"],
    "module": ["python", "-m", "chatops"],
    "manage": ["python", "manage.py", "chatops"],
}


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("door", DOORS)
def test_each_verb_works_through_each_door(
    served: Tutorial, ann: ClientConnection, door: str
) -> None:
    command, *before = DOORS[door]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return served.run(command, *before, *arguments)

    tail = subprocess.Popen(
        [str(served.bin / command), *before, "tail", "lobby", "--json", "-n", "1"],
        cwd=served.folder,
        env=served.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert tail.stderr is not None
    assert tail.stderr.readline()

    assert run("check", "--json").returncode == 0
    assert lines(run("rooms", "--json").stdout)[0]["room"] == "lobby"
    assert run("broadcast", "lobby", "hi").returncode == 0
    assert lines(tail.communicate(timeout=60)[0])[0]["body"]["message"] == "hi"
    assert run("broadcast", "empty", "hi").returncode == 1
    assert run("check", "--layer", "other").returncode == 2


@pytest.mark.parametrize("kind", ["core"])
def test_layer_check_is_check(tutorial: Tutorial) -> None:
    done = tutorial.run("python", "manage.py", "layer_check", "--json")

    assert done.returncode == 0
    assert_healthy(lines(done.stdout)[0])


CALL = """
import io, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
from django.core.management import CommandError, call_command
out = io.StringIO()
try:
    call_command(*sys.argv[1:], stdout=out)
except CommandError as error:
    print(f"returncode {error.returncode}")
print(out.getvalue(), end="")
"""


@pytest.mark.parametrize("command", [["layer_check"], ["chatops", "check"]])
def test_call_command_runs_the_whole_check(tutorial: Tutorial, command: list[str]) -> None:
    done = tutorial.run("python", "-c", CALL, *command, "--json")

    [check] = lines(done.stdout)
    assert_healthy(check)


def test_call_command_raises_with_the_exit_code(tutorial: Tutorial) -> None:
    done = tutorial.run("python", "-c", CALL, "chatops", "rooms")

    assert done.stdout.strip() == "returncode 1"


def test_overridden_settings_leave_the_other_process_unknown(
    broker: redis.Redis, server: Any, settings: Any, kind: str
) -> None:
    configure(settings, kind, server.url)
    settings.CHATOPS = {}
    out = io.StringIO()

    with pytest.raises(CommandError) as caught:
        call_command("layer_check", "--json", stdout=out)

    findings = json.loads(out.getvalue())["findings"]
    unknown = [each["id"] for each in findings if each["status"] == "unknown"]
    assert unknown == ["CHO106", "CHO111"]
    assert caught.value.returncode == 3


@pytest.mark.parametrize("kind", ["core"])
def test_call_command_takes_options_by_name(
    broker: redis.Redis, server: Any, settings: Any, kind: str
) -> None:
    configure(settings, kind, server.url)
    settings.CHATOPS = {}
    out, talk = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError):
        call_command("chatops", "rooms", json=True, verbosity=0, stdout=out, stderr=talk)

    assert (out.getvalue(), json.loads(talk.getvalue())["kind"]) == ("", "note")


async def test_inside_an_event_loop_call_command_says_how(
    broker: redis.Redis, server: Any, settings: Any, kind: str
) -> None:
    configure(settings, kind, server.url)
    settings.CHATOPS = {}
    talk = io.StringIO()

    with pytest.raises(CommandError):
        call_command("chatops", "rooms", stderr=talk)

    assert "sync_to_async" in talk.getvalue()


# ---------------------------------------------------------------- used wrongly

SETTINGS_OF_OTHERS = {
    "a key that is not there": 'import os\nos.environ["NOPE"]',
    "a name that is not there": "NOPE",
    "the end": "raise SystemExit(3)",
    "broken layers": "CHANNEL_LAYERS = None",
    "a broken application": 'ASGI_APPLICATION = "nowhere.application"',
    "a broken setting": 'CHATOPS = {"PREPARE_LAYER": "os.sep"}',
    "a broken hook": 'CHATOPS = {"PREPARE_LAYER": "json.loads"}',
    "a broken event": 'CHATOPS = {"BROADCAST_EVENT": "json.loads"}',
    "broken rooms": 'CHATOPS = {"ROOM_GROUP": ".a.b"}',
}


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("code", SETTINGS_OF_OTHERS.values(), ids=SETTINGS_OF_OTHERS.keys())
def test_a_project_that_is_broken_is_one_line_and_exit_2(tutorial: Tutorial, code: str) -> None:
    with (tutorial.folder / "mysite/settings.py").open("a") as settings:
        settings.write(f"\n{code}\n")

    done = tutorial.chatops("broadcast", "lobby", "hi")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["pubsub"])
def test_a_project_that_prints_is_none_the_worse(tutorial: Tutorial) -> None:
    with (tutorial.folder / "mysite/settings.py").open("a") as settings:
        settings.write('\nprint("Loading")\n')

    assert tutorial.chatops("check").returncode == 0


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("option", [["--url", "unix:///nowhere"], ["--settings", "other"]])
def test_another_layer_than_the_running_projects_is_refused(
    tutorial: Tutorial, option: list[str]
) -> None:
    done = tutorial.run("python", "-c", CALL, "chatops", "rooms", *option)

    assert done.stdout.strip() == "returncode 2"
    assert "Django runs already" in done.stderr


@pytest.mark.parametrize("verb", ["rooms", "tail"])
def test_a_frozen_server_is_told_in_bounded_time(kind: str, verb: str) -> None:
    with valkey() as server, short_folder() as folder:
        tutorial = Tutorial(folder, kind, server.url)
        os.kill(server.pid, signal.SIGSTOP)
        done = tutorial.chatops(verb, *(["lobby"] if verb == "tail" else []))

    assert done.returncode == 4
    assert "gave no answer within 5 s" in done.stderr


@pytest.mark.parametrize("kind", ["core", "pubsub"])
def test_an_interrupted_tail_of_a_dead_server_is_interrupted(kind: str) -> None:
    with valkey() as server, short_folder() as folder:
        tutorial = Tutorial(folder, kind, server.url)
        tail = watching(tutorial)
        server.kill()
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["kind"] == "gap"
        tail.terminate()
        _, err = tail.communicate(timeout=60)

    assert (tail.returncode, err) == (130, "")


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["frobnicate"], "frobnicate"),
        (["rooms", "--frob"], "--frob"),
        (["broadcast", "lobby"], "No room is named"),
        (["tail", "lobby", "-n", "x"], "-n"),
        (["tail", "lobby", "-n", "0"], "-n"),
        (["tail", "lobby", "--for", "soon"], "'soon' is not a duration"),
        (["check", "--layer", "other"], "'other' is not in CHANNEL_LAYERS; there are 'default'"),
        (["check", "--settings", "nowhere.settings"], "'nowhere.settings' cannot be loaded"),
        (["rooms", "--url", "http://x"], "--url must begin with"),
        (["rooms", "--url", "redis://x", "--backend", "rabbit"], "core or pubsub"),
        (["broadcast", "a b", "hi"], "'chat_a b' is not a group's name"),
        (["tail", "a b"], "'chat_a b' is not a group's name"),
        (["tail", ""], "'' is not a room's name"),
        (["broadcast", "lobby", " "], "The message is empty."),
        (["rooms", "--url", "redis://h:port/0"], "--url has no valid host and port"),
    ],
)
def test_what_is_typed_wrongly_is_one_line_and_exit_2(
    tutorial: Tutorial, arguments: list[str], culprit: str
) -> None:
    done = tutorial.chatops(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert culprit in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("kind", ["pubsub"])
def test_without_a_verb_the_help_is_shown(tutorial: Tutorial) -> None:
    done = tutorial.chatops()

    assert done.returncode == 2
    assert "broadcast" in done.stderr


def test_help_is_a_verb_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chatops", "help"]
    for verb, said in (([], "COMMAND [ARGS]"), (["rooms"], "chatops rooms ")):
        done = subprocess.run(
            [*command, *verb], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert said in done.stdout.splitlines()[0]


@pytest.mark.parametrize("kind", ["pubsub"])
def test_a_project_is_found_from_any_folder_below_it(tutorial: Tutorial) -> None:
    assert tutorial.chatops("rooms", cwd=tutorial.folder / "chat").returncode == 1


def test_outside_of_any_project_the_error_says_what_was_tried(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "chatops", "check"]

    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "manage.py" in done.stderr


def test_a_server_is_reached_without_a_project(
    served: Tutorial, ann: ClientConnection, kind: str, tmp_path: Path
) -> None:
    where = ["--url", served.env["LAYER_URL"], "--backend", kind, "--json"]
    rooms = served.chatops("rooms", *where, cwd=tmp_path)
    event = '{"type": "chat.message", "message": "by url"}'
    sent = served.chatops(
        "broadcast", "lobby", "--event", event, "--same-codec", *where, cwd=tmp_path
    )

    assert lines(rooms.stdout)[0]["room"] == "lobby"
    assert lines(sent.stdout)[-1]["handlers_checked"] is False


@pytest.mark.parametrize("kind", ["core", "pubsub"])
def test_a_layer_that_does_not_answer_is_exit_4_and_no_password_is_shown(
    tutorial: Tutorial,
) -> None:
    where = ["--url", "redis://ann:secret@127.0.0.1:1/0"]
    done = [tutorial.chatops(verb, *where) for verb in ("check", "rooms")]

    assert [each.returncode for each in done] == [4, 4]
    assert all("redis://***@127.0.0.1:1" in each.stdout + each.stderr for each in done)
    assert not any("secret" in each.stdout + each.stderr for each in done)
    assert not any("Traceback" in each.stderr for each in done)


@pytest.mark.parametrize("kind", ["pubsub"])
@pytest.mark.parametrize("off", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_a_pipe_gets_no_escape_sequences(tutorial: Tutorial, off: dict[str, str]) -> None:
    del tutorial.env["NO_COLOR"]

    done = tutorial.run("chatops", "check", env=off)

    assert "\x1b" not in done.stdout + done.stderr


def test_every_verb_has_help_with_examples(tmp_path: Path) -> None:
    for verb in ("check", "tail", "rooms", "broadcast", "send", "receive"):
        command = [sys.executable, "-m", "chatops", verb, "--help"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert f"Examples:\n    chatops {verb}" in done.stdout
        assert "redis://host:6379/0" in done.stdout
        assert "4 the layer did not answer" in " ".join(done.stdout.split())


def test_nothing_waits_for_a_terminal(tutorial: Tutorial) -> None:
    tail = watching(tutorial, "--for", "200ms")
    wait_until(lambda: tail.poll() is not None, "the tail to end by itself")
    tail.communicate()

    assert tail.returncode == 0
