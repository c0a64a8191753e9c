"""`expect`, and the same in the tests of other projects."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from application import configure, opened
from servers import short_folder, valkey
from tutorial import Tutorial

from chatops.errors import LayerAway, TimeRanOut
from chatops.model.expression import expression
from chatops.model.message import Message, Ready
from chatops.model.target import Target
from chatops.model.wish import Wish
from chatops.operations.expect import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from application import Application
    from servers import Valkey

    from chatops.layers.base import LayerAdapter

LOBBY = Target(room="lobby", group="chat_lobby")


async def waited(
    layer: LayerAdapter, app: Application, wish: Wish, *events: Any, **more: Any
) -> Any:
    """Send the events once it is watched, and return what came of it."""
    found = []
    async for value in expect(layer, LOBBY, wish, **{"seconds": 10, **more}):
        if isinstance(value, Ready):
            for event in events:
                await app.layer.group_send("chat_lobby", {"type": "t", **event})
        else:
            found.append(value)
    return found


def wish(where: str | None = None, type_: str | None = None) -> Wish:
    return Wish(where=None if where is None else expression(where), type=type_)


# ---------------------------------------------------------------- what is meant


async def test_the_first_that_matches_is_it(layer: LayerAdapter, app: Application) -> None:
    events = [{"text": "no"}, {"text": "hi", "n": 1}, {"text": "hi", "n": 2}]

    [message] = await waited(layer, app, wish("text == 'hi'"), *events)

    assert isinstance(message, Message)
    assert message.body == {"type": "t", "text": "hi", "n": 1}


async def test_so_many_are_waited_for(layer: LayerAdapter, app: Application) -> None:
    events = [{"type": "a.b", "n": n} for n in range(3)] + [{"type": "c"}]

    found = await waited(layer, app, wish(type_="a.*"), *events, count=3)

    assert [each.body["n"] for each in found] == [0, 1, 2]


async def test_what_came_instead_is_told_with_the_nearest(
    layer: LayerAdapter, app: Application
) -> None:
    events = [{"text": "ho", "by": "Ann"}, {"text": "hi", "by": "Ben"}, {"n": 1}]

    with pytest.raises(TimeRanOut) as caught:
        await waited(layer, app, wish("text == 'hi' && by == 'Ann' && n"), *events, seconds=0.5)

    assert str(caught.value) == (
        "No message with \"text == 'hi' && by == 'Ann' && n\" came in lobby within 0.5 s. "
        "3 others came, the nearest: "
        '{"type": "t", "text": "hi", "by": "Ben"}'
    )


async def test_silence_is_told_apart(layer: LayerAdapter, app: Application) -> None:
    with pytest.raises(TimeRanOut, match=r"No message came in lobby within 0\.1 s\. None came at"):
        await waited(layer, app, wish(), seconds=0.1)


async def test_some_of_many_are_told(layer: LayerAdapter, app: Application) -> None:
    with pytest.raises(TimeRanOut, match=r"1 of 2 times a message of a type like 't' came .* No o"):
        await waited(layer, app, wish(type_="t"), {}, count=2, seconds=0.5)


async def test_a_layer_that_stays_away_is_no_answer(settings: Any, kind: str) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            waiting = expect(layer, LOBBY, wish(), seconds=1)
            assert isinstance(await anext(waiting), Ready)
            server.kill()
            with pytest.raises(LayerAway, match="did not answer to the end"):
                await anext(waiting)


async def test_a_layer_that_is_silent_is_not_waited_for_longer_than_was_asked(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            server.freeze()
            with pytest.raises(LayerAway, match="no answer within 2 s"):
                await anext(expect(layer, LOBBY, wish(), seconds=1))
            server.thaw()


async def test_a_gap_is_told_where_the_message_may_have_been_in_it(
    settings: Any, kind: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            waiting = expect(layer, LOBBY, wish(), seconds=4)
            assert isinstance(await anext(waiting), Ready)
            server.kill()
            server.start()
            with pytest.raises(TimeRanOut, match="There was a gap, in which it may have come"):
                await anext(waiting)


@pytest.mark.parametrize(
    ("where", "nearer", "farther"),
    [
        ("a == `1` && b == `2`", {"a": 1}, {"a": 2}),
        ("a == `1` && b == `2` && c", {"a": 1, "b": 2}, {"a": 1, "b": 3}),
        ("text == 'hi'", {"text": "hello"}, {"n": 1}),
        ("user.name == 'Ann' || user.id == `7`", {"user": {"name": "Ben"}}, {"user": {}}),
        ("length(text) > `3`", {"text": "hi"}, {"n": 3}),
    ],
)
def test_nearer_is_what_has_more_of_what_is_asked(
    where: str, nearer: dict[str, Any], farther: dict[str, Any]
) -> None:
    asked = expression(where)

    assert not asked.matches(nearer)
    assert asked.closeness(nearer) > asked.closeness(farther)


# ---------------------------------------------------------------- the command


def test_a_script_sends_once_it_is_watched(tutorial: Tutorial) -> None:
    patience = ["--timeout", "60s"]
    watching = tutorial.background(
        "expect", "lobby", "--where", "message == 'hi'", "--json", *patience
    )
    assert watching.stderr is not None
    assert json.loads(watching.stderr.readline())["kind"] == "ready"
    with sending(tutorial, {"type": "chat.message", "message": "hi"}):
        out, err = watching.communicate(timeout=60)

    assert (watching.returncode, err) == (0, "")
    assert json.loads(out)["body"] == {"type": "chat.message", "message": "hi"}


@pytest.fixture(scope="module")
def project(server: Valkey) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


def test_a_message_that_does_not_come_is_exit_code_6(project: Tutorial) -> None:
    done = project.chatops("expect", "lobby", "--type", "chat.*", "--timeout", "200ms")

    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.splitlines() == [
        "Watching lobby. Ctrl-C ends it.",
        "No message of a type like 'chat.*' came in lobby within 0.2 s. None came at all.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lobby", "--where", "text =="], "no JMESPath expression"),
        (["lob*"], "'lob*' is not a room's name"),
        (["a b"], "'chat_a b' is not a group's name"),
    ],
)
def test_what_is_typed_wrongly_is_one_line(project: Tutorial, words: list[str], said: str) -> None:
    done = project.chatops("expect", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


# ---------------------------------------------------------------- the fixture

SEND = """
import json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
for line in sys.argv[1:]:
    async_to_sync(get_channel_layer().group_send)("chat_lobby", json.loads(line))
"""


def sending(project: Tutorial, *events: Any) -> subprocess.Popen[bytes]:
    """Send from a process of the project's own."""
    lines = [json.dumps(event) for event in events]
    command = [sys.executable, "-c", SEND, *lines]
    return subprocess.Popen(command, cwd=project.folder, env=project.env)


CONFTEST = """
pytest_plugins = ["chatops.testing.plugin"]
"""
OWN = """
import json, subprocess, sys
import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from chatops.errors import BadValue

HI = {"type": "chat.message", "message": "hi"}
HO = {"type": "chat.message", "message": "ho"}


async def test_async_hit(expect_message):
    async with expect_message("lobby", where="message == 'hi'") as expected:
        await get_channel_layer().group_send("chat_lobby", HO)
        await get_channel_layer().group_send("chat_lobby", HI)
    assert expected.message == HI


async def test_async_miss(expect_message):
    async with expect_message("lobby", where="message == 'hi'", timeout=0.3):
        for message in ("one", "two"):
            await get_channel_layer().group_send("chat_lobby", {**HO, "message": message})


async def test_async_body(expect_message):
    async with expect_message("lobby", timeout=3600):
        raise LookupError("as the block raised it")


def test_sync_hit(expect_message):
    with expect_message("chat_lobby", group=True, type="chat.*") as expected:
        async_to_sync(get_channel_layer().group_send)("chat_lobby", HI)
    assert expected.message == HI


def test_sync_miss(expect_message):
    with expect_message("lobby", where="message == 'hi'", timeout=0.3):
        async_to_sync(get_channel_layer().group_send)("chat_lobby", HO)


def test_sync_body(expect_message):
    with expect_message("lobby", timeout=3600):
        raise LookupError("as the block raised it")


def test_sync_wrong(expect_message):
    with expect_message("a b"):
        pass


def test_sync_twice_hit(expect_message):
    expecting = expect_message("lobby", timeout=60)
    for event in (HI, HO):
        with expecting as expected:
            async_to_sync(get_channel_layer().group_send)("chat_lobby", event)
        assert expected.message == event


@pytest.mark.parametrize("timeout", ["5", None, float("nan")])
def test_no_time(expect_message, timeout):
    with pytest.raises(BadValue, match="is no number of seconds, such as 5"):
        expect_message("lobby", timeout=timeout)


def test_without_the_fixture():
    from chatops.testing import expect_message

    with expect_message("lobby"):
        async_to_sync(get_channel_layer().group_send)("chat_lobby", HI)
"""
BURST = """
import asyncio

async def test_burst_hit(expect_message):
    async with expect_message("lobby", where="message == 'hi'"):
        send = get_channel_layer().group_send
        await asyncio.gather(*(send("chat_lobby", each) for each in [HO] * 1000 + [HI]))
"""
ACROSS = """
import json
from websockets.sync.client import connect


def test_across_hit(expect_message):
    with expect_message("lobby", where="message == 'from a browser'"):
        with connect(URL, origin="http://127.0.0.1") as socket:
            socket.send(json.dumps({"message": "from a browser"}))
"""
PYTEST = (
    "-p no:django -p no:randomly -p no:valkey -o asyncio_mode=auto "
    "-o asyncio_default_fixture_loop_scope=function -W error -rA --tb=short"
)


def run_tests(project: Tutorial, text: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a project that has chatops for its tests."""
    (project.folder / "conftest.py").write_text(CONFTEST)
    (project.folder / "test_own.py").write_text(text)
    env = {"DJANGO_SETTINGS_MODULE": "mysite.settings"}
    return project.run("python", "-m", "pytest", *PYTEST.split(), env=env)


@pytest.fixture
def in_memory() -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "memory", "")


def judged(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """How each test of the project ended."""
    words = [line.split() for line in done.stdout.splitlines() if "test_own.py::" in line]
    return {name.partition("::")[2]: how for how, name, *_ in words if how in {"PASSED", "FAILED"}}


EXPECTED = {
    "test_async_hit": "PASSED",
    "test_async_miss": "FAILED",
    "test_async_body": "FAILED",
    "test_sync_hit": "PASSED",
    "test_sync_miss": "FAILED",
    "test_sync_body": "FAILED",
    "test_sync_wrong": "FAILED",
    "test_sync_twice_hit": "PASSED",
    "test_no_time[5]": "PASSED",
    "test_no_time[None]": "PASSED",
    "test_no_time[nan]": "PASSED",
    "test_without_the_fixture": "PASSED",
}
SAID = (
    "AssertionError: No message with \"message == 'hi'\" came in lobby within 0.3 s. "
    "2 others came, the nearest: "
    '{"type": "chat.message", "message": "two"}'
)


def test_a_message_is_expected_within_one_process(in_memory: Tutorial) -> None:
    done = run_tests(in_memory, f"{OWN}\n{BURST}")

    assert judged(done) == {**EXPECTED, "test_burst_hit": "PASSED"}, done.stdout + done.stderr
    assert SAID in done.stdout
    assert '{"type": "chat.message", "message": "one"}' in done.stdout
    assert done.stdout.count("E   LookupError: as the block raised it") == 2
    assert "BadValue: 'chat_a b' is not a group's name" in done.stdout
    assert "The in-memory layer was watched in this process" in done.stdout
    assert "beside.py" not in done.stdout.partition("_ test_sync_miss _")[2].partition("\n__")[0]


def test_a_message_is_expected_across_processes(tutorial: Tutorial) -> None:
    tutorial.start()
    done = run_tests(tutorial, f"{OWN}\nURL = '{tutorial.ws_url}/lobby/'\n{ACROSS}")
    tutorial.stop()

    assert judged(done) == {**EXPECTED, "test_across_hit": "PASSED"}, done.stdout + done.stderr
    assert SAID in done.stdout


def test_collecting_needs_neither_django_nor_a_layer() -> None:
    script = (
        "import sys, chatops.testing.plugin\n"
        "print({'django', 'channels', 'redis', 'asyncio', 'hypothesis'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"
