"""channels_postgres on a real PostgreSQL: seen, spoken to, and nobody's messages taken."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from postgres import MISSING, postgres
from servers import short_folder
from tutorial import Tutorial, folder_of_this_python

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("psycopg_pool", reason="psycopg is not installed")
pytest.importorskip("channels_postgres", reason="channels-postgres is not installed")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on PATH: {', '.join(MISSING)}")

SETTINGS = """
INSTALLED_APPS += ["channels_postgres"]
PG = {{
    "ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "chat", "HOST": "{host}",
}}
DATABASES["channels_postgres"] = PG
CHANNEL_LAYERS = {{
    "default": {{"BACKEND": "channels_postgres.core.PostgresChannelLayer", "CONFIG": PG}}
}}
"""

WORKER = """
import asyncio, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
from channels.layers import channel_layers

async def main():
    layer = channel_layers.make_backend("default")
    channel = await layer.new_channel()
    await layer.group_add("chat_lobby", channel)
    while True:
        waiting = asyncio.ensure_future(layer.receive(channel))
        while not (layer.listener_task_is_running and layer.listener_task_is_running.is_set()):
            await asyncio.sleep(0.01)
        print(json.dumps({"channel": channel}) if not waiting.done() else "", flush=True)
        print(json.dumps(await waiting), flush=True)

import json
asyncio.run(main())
"""

LOOK = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
from channels_postgres.models import GroupChannel, Message
for model in (GroupChannel, Message):
    print(*model.objects.using("channels_postgres").values_list("channel", flat=True))
"""

EMPTY = """
for model in (GroupChannel, Message):
    model.objects.using("channels_postgres").all().delete()
"""

HELLO = '{"type": "chat.message", "message": "hello"}'


@pytest.fixture(scope="module")
def made() -> Iterator[Tutorial]:
    """The tutorial's project on this layer, migrated."""
    with postgres() as server, short_folder() as folder:
        project = Tutorial(folder, "memory", "")
        with (project.folder / "mysite/settings.py").open("a") as file:
            file.write(SETTINGS.format(host=server.folder))
        migrate = ["migrate", "channels_postgres", "--database", "channels_postgres"]
        project.run("python", "manage.py", *migrate).check_returncode()
        yield project


@pytest.fixture
def project(made: Tutorial) -> Tutorial:
    """The same, with nothing in its tables."""
    made.run("python", "-c", f"{LOOK}\n{EMPTY}").check_returncode()
    return made


@pytest.fixture
def worker(project: Tutorial) -> Iterator[Any]:
    """A process of the application in the lobby; it prints its channel, then what it gets."""
    process: Any = subprocess.Popen(
        [folder_of_this_python() / "python", "-c", WORKER],
        cwd=project.folder,
        env=project.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.channel = json.loads(process.stdout.readline())["channel"]
        yield process
    finally:
        process.kill()
        process.communicate()


def watching(project: Tutorial, *command: str) -> subprocess.Popen[str]:
    process = project.background(*command, "--json")
    assert process.stderr is not None
    assert json.loads(process.stderr.readline())["kind"] == "ready"
    return process


def tables(project: Tutorial) -> list[list[str]]:
    done = project.run("python", "-c", LOOK)
    return [line.split() for line in done.stdout.splitlines()]


def test_the_check_passes_and_leaves_nothing(project: Tutorial) -> None:
    done = project.chatops("check", "--json")

    found = {each["id"]: each["status"] for each in json.loads(done.stdout)["findings"]}
    assert [found[f"CHO10{number}"] for number in range(1, 7)] == ["ok"] * 6
    assert tables(project) == [[], []]


def test_what_waits_for_others_is_left_to_them(project: Tutorial) -> None:
    project.chatops("send", "somebodys_channel", HELLO)

    project.chatops("check", "--timeout", "30s")
    project.chatops("tail", "lobby", "--for", "100ms")
    project.chatops("receive", "somebodys_channel", "--for", "100ms")

    assert tables(project) == [[], ["somebodys_channel"]]


def test_rooms_members_and_broadcast_see_who_is_there(project: Tutorial, worker: Any) -> None:
    room = json.loads(project.chatops("rooms", "--json").stdout)
    sent = project.chatops("broadcast", "lobby", "hi", "--json")
    empty = project.chatops("broadcast", "nowhere", "hi")

    assert (room["room"], room["count"], room["unit"], room["processes"]) == (
        *("lobby", 1, "members", 1),
    )
    assert json.loads(sent.stdout.splitlines()[0])["reach"] == {"count": 1, "unit": "members"}
    assert json.loads(worker.stdout.readline()) == {"type": "chat.message", "message": "hi"}
    assert empty.returncode == 1


@pytest.mark.parametrize("size", [10, 20_000], ids=["small", "too large to be notified"])
def test_a_tail_sees_what_the_room_gets_and_counts_nowhere(
    project: Tutorial, worker: Any, size: int
) -> None:
    text = size * "x"
    tail = watching(project, "tail", "lobby", "-n", "1")
    room = json.loads(project.chatops("rooms", "--json").stdout)
    project.chatops("broadcast", "lobby", text)
    out, _ = tail.communicate(timeout=60)

    assert room["count"] == 1
    assert json.loads(out)["body"] == {"type": "chat.message", "message": text}
    assert json.loads(worker.stdout.readline())["message"] == text
    assert tables(project)[0] == [worker.channel]


def test_receive_hears_what_is_sent_and_takes_it_from_nobody(
    project: Tutorial, worker: Any
) -> None:
    receiver = watching(project, "receive", worker.channel)
    sent = project.chatops("send", worker.channel, HELLO)
    out, err = receiver.communicate(timeout=60)

    assert (sent.returncode, receiver.returncode, err) == (0, 0, "")
    assert json.loads(out)["body"] == json.loads(worker.stdout.readline()) == json.loads(HELLO)


def test_a_killed_tail_is_swept_by_the_next_once_its_lease_is_over(project: Tutorial) -> None:
    tail = watching(project, "tail", "lobby")
    [child] = Path(f"/proc/{tail.pid}/task/{tail.pid}/children").read_text().split()
    for each in (int(child), tail.pid):  # it reads for the tail, and would leave by itself
        os.kill(each, signal.SIGKILL)
    tail.communicate()
    [[left], _] = tables(project)
    project.run("python", "-c", f"{LOOK}\n{OVER}").check_returncode()

    project.chatops("tail", "lobby", "--for", "100ms")

    assert left.startswith("chatops.tap.")
    assert tables(project)[0] == []


OVER = """
from django.utils import timezone
GroupChannel.objects.using("channels_postgres").update(expire=timezone.now())
"""


def test_a_server_that_is_away_is_exit_4_in_one_line(project: Tutorial) -> None:
    settings = project.folder / "mysite/settings.py"
    text = settings.read_text()
    settings.write_text(f'{text}\nPG["HOST"] = "/nowhere"\n')
    verbs = [["rooms"], ["tail", "lobby"]]
    done = [project.chatops(*verb) for verb in verbs]
    settings.write_text(text)

    assert [each.returncode for each in done] == [4, 4]
    assert [len(each.stderr.splitlines()) for each in done] == [1, 1]
