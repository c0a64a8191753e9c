"""`chatops broadcast` as a shell sees it: real processes, sockets, and a stranger's project."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import DEADLINE
from websockets.sync.client import connect

from chatops.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tutorial import Tutorial
    from websockets.sync.client import ClientConnection

only = pytest.mark.parametrize

NEWS = """

class NewsConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("NEWS", self.channel_name)
        await self.accept()

    async def news_item(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))
"""
ROUTE = 're_path(r"ws/chat/(?P<room_name>'


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def fed(project: Tutorial, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the verb with this as its stdin."""
    return subprocess.run(
        [str(project.bin / "chatops"), "broadcast", *arguments],
        cwd=project.folder,
        env=project.env,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )


@contextmanager
def sockets(project: Tutorial, *rooms: str, path: str = "chat") -> Iterator[list[ClientConnection]]:
    """One socket in each room, which has proved that it is there."""
    origin: Any = f"http://127.0.0.1:{project.port}"
    with ExitStack() as stack:
        found = []
        for room in rooms:
            url = f"ws://127.0.0.1:{project.port}/ws/{path}/{room}/"
            found.append(stack.enter_context(connect(url, origin=origin)))
            if path == "chat":
                found[-1].send('{"message": "here"}')
                assert said(found[-1]) == "here"
        yield found


def said(socket: ClientConnection) -> str:
    return str(json.loads(socket.recv(20))["message"])


@only("kind", ["core"])
def test_globs_files_lines_and_stdin_reach_the_rooms_they_mean(
    tutorial: Tutorial, tmp_path: Path
) -> None:
    tutorial.start()
    listed = tmp_path / "rooms.txt"
    listed.write_text("# who pays\n\na1\na?\n")
    with sockets(tutorial, "a1", "a2", "b") as (one, two, other):
        done = [
            tutorial.chatops("broadcast", "a*", "by glob", "--yes"),
            tutorial.chatops("broadcast", "--rooms-from", str(listed), "by file", "--yes"),
            tutorial.chatops("broadcast", "*", "but one", "--except", "a*"),
            tutorial.chatops("broadcast", "chat_b", "by group", "--group"),
            fed(tutorial, "a1\nb\n", "--rooms-from", "-", "by stdin"),
            fed(tutorial, "two\nlines\n", "b", "-"),
            fed(tutorial, "l1\n\nl2", "a2", "b", "--lines"),
            tutorial.chatops(
                "broadcast", "b", "--event", '{"type": "chat.message", "message": "whole"}'
            ),
        ]
        heard = [
            [said(socket) for _ in range(count)]
            for socket, count in ((one, 3), (two, 4), (other, 7))
        ]

    assert [each.returncode for each in done] == [0] * 8
    assert heard == [
        ["by glob", "by file", "by stdin"],
        ["by glob", "by file", "l1", "l2"],
        ["but one", "by group", "by stdin", "two\nlines", "l1", "l2", "whole"],
    ]


@only("kind", ["pubsub"])
def test_many_rooms_by_glob_need_a_yes_where_nobody_can_be_asked(tutorial: Tutorial) -> None:
    tutorial.start()
    with sockets(tutorial, "a1", "a2") as (one, _):
        refused = tutorial.chatops("broadcast", "b", "a*", "no")
        planned = tutorial.chatops("broadcast", "a*", "plan", "--dry-run", "--json")
        tutorial.chatops("broadcast", "a1", "yes")

        assert said(one) == "yes"
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "This would be sent to 3 rooms (" in refused.stderr
    assert "--yes does it" in refused.stderr
    assert [each.get("status") for each in lines(planned.stdout)] == ["planned", "planned", None]
    assert lines(planned.stdout)[0]["event"] == {"type": "chat.message", "message": "plan"}


def on_a_terminal(tutorial: Tutorial) -> tuple[subprocess.Popen[str], int]:
    """Begin a broadcast that asks on a terminal; return it, and the terminal's other end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(tutorial.bin / "chatops"), "broadcast", "a*", "hi"],
        cwd=tutorial.folder,
        env=tutorial.env,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    )
    os.close(theirs)
    return process, ours


@only("kind", ["pubsub"])
@only(("answer", "code"), [("y", 0), ("n", 1)])
def test_on_a_terminal_many_rooms_by_glob_are_asked_about(
    tutorial: Tutorial, answer: str, code: int
) -> None:
    tutorial.start()
    with sockets(tutorial, "a1", "a2"):
        process, ours = on_a_terminal(tutorial)
        asked = b""
        while b"[y/N]" not in asked:
            asked += os.read(ours, 1000)
        os.write(ours, f"{answer}\n".encode())
        out, _ = process.communicate(timeout=DEADLINE)
        os.close(ours)

    assert asked.startswith(b"Send to 2 rooms (")
    assert process.returncode == code
    assert out.count("sent ") == (2 if code == 0 else 0)


@only("kind", ["pubsub"])
def test_two_consumers_are_guarded_each_in_its_own_groups(tutorial: Tutorial) -> None:
    consumers = tutorial.folder / "chat/consumers.py"
    consumers.write_text(consumers.read_text() + NEWS)
    asgi = tutorial.folder / "mysite/asgi.py"
    route = f're_path(r"ws/news/\\w+/$", NewsConsumer.as_asgi()),\n        {ROUTE}'
    text = asgi.read_text().replace("import ChatConsumer", "import ChatConsumer, NewsConsumer")
    asgi.write_text(text.replace(ROUTE, route))
    tutorial.start()
    with (
        sockets(tutorial, "lobby") as [chat],
        sockets(tutorial, "x", path="news") as [news],
    ):
        wrong = tutorial.chatops("broadcast", "NEWS", "oops", "--group")
        right = tutorial.chatops("broadcast", "NEWS", "item", "--group", "--type", "news.item")
        chats = tutorial.chatops("broadcast", "lobby", "talk")
        consumers.write_text(consumers.read_text().replace('"NEWS"', 'f"chat_{1}"'))
        shared = tutorial.chatops("broadcast", "lobby", "oops")
        forced = tutorial.chatops("broadcast", "lobby", "forced", "--force", "handlers")

        assert said(news) == "item"
        assert [said(chat), said(chat)] == ["talk", "forced"]
    assert (wrong.returncode, right.returncode, chats.returncode) == (1, 0, 0)
    assert "chat.consumers.NewsConsumer joins 'NEWS', and does not handle" in wrong.stderr
    assert shared.returncode == 1
    assert "NewsConsumer joins 'chat_lobby'" in shared.stderr
    assert (forced.returncode, "no look" in forced.stderr) == (0, False)
    assert "--force: handlers not looked at." in forced.stderr


@only("kind", ["pubsub"])
def test_a_project_of_its_own_words_is_refused_what_would_close_its_sockets(
    tutorial: Tutorial,
) -> None:
    with (tutorial.folder / "mysite/settings.py").open("a") as settings:
        settings.write("CHATOPS = {}\n")
    tutorial.start()
    with sockets(tutorial, "lobby") as [chat]:
        refused = [
            tutorial.chatops("broadcast", "lobby", *words)
            for words in (
                ["hi"],
                ["hi", "--type", "chat.message"],
                ["--event", '{"type": "chat.message"}'],
            )
        ]
        whole = '{"type": "chat.message", "message": "whole"}'
        sent = tutorial.chatops("broadcast", "lobby", "--event", whole)

        assert said(chat) == "whole"
    assert ([each.returncode for each in refused], sent.returncode) == ([1, 1, 1], 0)
    assert "--type" not in refused[0].stderr
    assert all("event['message']" in each.stderr for each in refused[1:])


@only("kind", ["pubsub"])
@only("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_tells_what_was_sent_and_resume_goes_on(
    tutorial: Tutorial, number: signal.Signals, tmp_path: Path
) -> None:
    journal = str(tmp_path / "j")
    tutorial.start()
    with sockets(tutorial, "a", "b", "c") as (one, *others):
        slow = ["a", "b", "c", "hi", "--json", "--resume", journal]
        process = tutorial.background("broadcast", *slow, "--rate", "1/m")
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=DEADLINE)
        resumed = tutorial.chatops("broadcast", *slow)
        tutorial.chatops("broadcast", "a", "last")

        assert [said(each) for each in others] == ["hi", "hi"]
        assert [said(one), said(one)] == ["hi", "last"]
    told = lines(first + out)
    assert process.returncode == 130
    assert [each.get("status") for each in told] == ["sent", "unsent", "unsent", None]
    assert (told[-1]["sent"], told[-1]["unsent"]) == (1, 2)
    assert "The same command goes on from here" in err
    assert (resumed.returncode, lines(resumed.stdout)[-1]["earlier"]) == (0, 1)


@only("kind", ["pubsub"])
def test_lines_are_sent_as_they_come(tutorial: Tutorial) -> None:
    tutorial.start()
    with sockets(tutorial, "a") as [one]:
        process = subprocess.Popen(
            [str(tutorial.bin / "chatops"), "broadcast", "a", "--lines", "--json"],
            cwd=tutorial.folder,
            env=tutorial.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write("first\n")
        process.stdin.flush()
        heard = said(one)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["status"] == "sent"
        still = process.poll()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=DEADLINE)

    assert (heard, still) == ("first", None)
    assert process.returncode == 130
    assert lines(out)[-1]["sent"] == 1


@only("kind", ["pubsub"])
@only(
    ("arguments", "code", "culprit"),
    [
        (["lobby"], 2, "No room is named: give ROOM… MESSAGE"),
        ([], 2, "There is no MESSAGE: give ROOM… MESSAGE"),
        (["--event", '{"type": "t"}'], 2, "No room is named"),
        (["z*", "hi"], 1, "Nobody is in a room that matches 'z*'."),
        (["lobby", "hi", "--except", "l*"], 1, "No room is named but not 'l*'."),
        (["--rooms-from", "nowhere.txt", "hi"], 2, "--rooms-from: 'nowhere.txt' cannot be read"),
        (["--rooms-from", "-", "-"], 2, "--rooms-from - and MESSAGE -: only one can read stdin."),
        (["lobby", "hi", "--level", "loud"], 2, "--level"),
        (["lobby", "hi", "--level", "info"], 2, "--level: CHATOPS['BROADCAST_EVENT'] has no place"),
        (["lobby", "hi", "--from", "Ann"], 2, "--from: CHATOPS['BROADCAST_EVENT'] has no place"),
        (["lobby", "--event", "{}"], 2, 'The event has no text as "type"'),
        (["lobby", "--event", "@nowhere"], 2, "The event cannot be read from 'nowhere'"),
        (["lobby", "--event", '{"type": "t"}', "--type", "u"], 2, "--type: --event is the whole"),
        (["lobby", "--event", '{"type": "t"}', "--lines"], 2, "--lines: --event is the whole"),
        (["lobby", "Back in 5", "--lines"], 2, "--lines: 'Back in 5' is no room."),
        (["lobby", "hi", "--rate", "fast"], 2, "'fast' is not a rate such as 500/s"),
        (["lobby", "hi", "--rate", "0/s"], 2, "'0/s' is not a rate such as 500/s"),
        (["lobby", "hi", "--force", "frob"], 2, "--force frob: there is no such check"),
        (["lobby", "--lines", "--resume", "j"], 2, "--resume and --lines contradict"),
        (["lobby", "hi", "--dry-run", "--resume", "j"], 2, "--resume and --dry-run contradict"),
        (["lobby", "-- so it is"], 2, "A text that begins with - needs -- before it."),
        (["lobby", "hi", "--force", "size,frob"], 2, "--force frob: there is no such check"),
        (["lobby", "a\x1b[31m"], 1, "has a control character, '\\x1b', as its letter 2"),
    ],
)
def test_what_is_wrong_is_one_line(  # noqa: PLR0913, PLR0917 - fixtures
    arguments: list[str],
    code: int,
    culprit: str,
    configured: str,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.CHATOPS = {"BROADCAST_EVENT": {"type": "chat.message", "text": "{message}"}}

    ended = run(["broadcast", *arguments])
    out, err = capsys.readouterr()

    assert culprit in err
    assert (ended, out, len(err.splitlines())) == (code, "", 1)


@only("kind", ["pubsub"])
def test_on_a_full_disk_all_of_it_is_sent_and_the_end_is_told(tutorial: Tutorial) -> None:
    tutorial.start()
    with sockets(tutorial, "a", "b") as both:
        with Path("/dev/full").open("w") as full:
            done = tutorial.background("broadcast", "a", "b", "hi", "--rate", "8/s", stdout=full)  # type: ignore[arg-type] # whatever Popen takes
        _, err = done.communicate(timeout=DEADLINE)

        assert [said(each) for each in both] == ["hi", "hi"]
    assert done.returncode == 1
    assert err.startswith("2 of 2 rooms in ")
    assert err.splitlines()[1].startswith("The output cannot be written: ")


@only("kind", ["pubsub"])
def test_ctrl_c_where_it_is_asked_says_that_nothing_was_sent(tutorial: Tutorial) -> None:
    tutorial.start()
    with sockets(tutorial, "a1", "a2"):
        process, ours = on_a_terminal(tutorial)
        seen = b""
        while b"[y/N] " not in seen:
            seen += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        while b"sent." not in seen:
            seen += os.read(ours, 1000)
        process.communicate(timeout=DEADLINE)
        os.close(ours)

    assert seen.endswith(b"[y/N] \r\nNothing was sent.\r\n")
    assert process.returncode == 130


@only("kind", ["pubsub"])
def test_a_summary_counts_messages_and_blames_nobody_for_a_skip(tutorial: Tutorial) -> None:
    tutorial.start()
    with sockets(tutorial, "a") as [one]:
        two = fed(tutorial, "l1\nl2\n", "a", "--lines")
        forced = tutorial.chatops("broadcast", "a", "hi", "--force", "handlers,size")

        assert [said(one) for _ in range(3)] == ["l1", "l2", "hi"]
    last = two.stdout.splitlines()[-1]
    assert last.startswith("2 of 2 deliveries of 2 messages in ")
    assert "no consumer could be asked" not in forced.stdout
    assert forced.returncode == 0


@only("kind", ["pubsub"])
def test_a_list_of_rooms_may_begin_with_a_mark_of_its_encoding(
    tutorial: Tutorial, tmp_path: Path
) -> None:
    listed = tmp_path / "rooms.txt"
    listed.write_bytes("\ufefflobby\n".encode())

    done = tutorial.chatops("broadcast", "--rooms-from", str(listed), "hi")

    assert done.stdout.startswith("empty   lobby  nobody is in it\n")


@only("kind", ["pubsub"])
def test_without_a_project_the_type_must_be_given(tutorial: Tutorial, tmp_path: Path) -> None:
    where = ["--url", tutorial.env["LAYER_URL"]]
    refused = tutorial.chatops("broadcast", "lobby", "hi", *where, cwd=tmp_path)
    event = ["broadcast", "lobby", "--event", '{"type": "t"}', "--json", *where]
    unproved = tutorial.chatops(*event, cwd=tmp_path)
    sent = tutorial.chatops(*event, "--same-codec", cwd=tmp_path)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert (unproved.returncode, unproved.stdout) == (1, "")
    assert "say --same-codec" in unproved.stderr
    assert "give it by --type or --event" in refused.stderr
    assert lines(sent.stdout)[-1]["handlers_checked"] is False
