"""Storing: numbers without holes, each message once, from many processes at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from processes import ROOT, short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITER = """
import json, random, sys
import django
django.setup()
from chat.protocol.events import Message, id_of
from chat.records.store import Said, store

person, rooms, rounds = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
got = []
for number in range(rounds):
    group = []
    for index in range(random.randint(1, 5)):
        room, ref = random.choice(rooms), f"{number}-{index}"
        name = id_of(room, person, ref)
        said = Message(text=ref, name=person, guest=True, ref=ref, id=name)
        group.append(Said(room=room, message=said))
    group += random.sample(group, 1)  # the same once more, in the same group
    first = store(group)
    again = store(random.sample(group, len(group)))  # and all of it again
    for stored in (*first, *again):
        got.append((stored.room, stored.message.id, stored.message.number, stored.fresh))
print(json.dumps(got))
"""


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """A migrated database of its own."""
    with short_folder() as folder:
        url = os.environ.get("TEST_POSTGRES_URL") or f"sqlite:///{folder}/db.sqlite3"
        env = {
            **os.environ,
            "DATABASE_URL": url,
            "REDIS_URL": "redis://localhost",
            "CHAT_RUN_DIR": str(folder / "run"),
            "DJANGO_SETTINGS_MODULE": "chatsite.settings",
        }
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        yield env


def write(env: dict[str, str], person: str, rooms: str, rounds: int) -> list[list[object]]:
    command = [sys.executable, "-c", WRITER, person, rooms, str(rounds)]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    stored: list[list[object]] = json.loads(done.stdout)
    return stored


def test_numbers_have_no_holes_and_a_message_has_one_whoever_stores_it_how_often(
    environment: dict[str, str],
) -> None:
    people = ["ada", "ada", "bob", "eve"]  # ada through two processes, with the same refs
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(write, environment, person, "a,b,c", 40) for person in people]
        stored = [row for call in calls for row in call.result()]

    ids = {(room, name): number for room, name, number, _ in stored}
    assert {(room, name, number) for room, name, number, _ in stored} == {
        (*key, number) for key, number in ids.items()
    }
    for room in "abc":
        numbers = sorted(number for (of, _), number in ids.items() if of == room)
        assert numbers == [*range(1, len(numbers) + 1)]
    assert sum(bool(fresh) for *_, fresh in stored) == len(ids)
