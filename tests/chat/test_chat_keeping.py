"""How long messages are kept, and what staff may do with them."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
import servers
from asking import ask, submit
from signing import PASSWORD
from talking import join
from test_chat_resume import fill, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

AGE = """
from datetime import timedelta
from django.utils import timezone
from chat.models import Message
Message.objects.filter(room={!r}, number__lte={}).update(at=timezone.now() - timedelta(days=40))
"""


@pytest.fixture
def kept(broker: servers.Valkey) -> Iterator[servers.Site]:
    """A site whose messages are kept for 30 days."""
    with servers.site(broker.url, env={"CHAT_KEEP_DAYS": "30"}) as running:
        yield running


async def age(site: servers.Site, room: str, number: int) -> None:
    """Have a room's messages up to a number be 40 days old."""
    code = AGE.format(room, number)
    await asyncio.to_thread(site.manage, "shell", "--no-imports", "-v0", "-c", code)


async def test_what_is_too_old_is_deleted_and_the_numbers_go_on(kept: servers.Site) -> None:
    await fill(kept, "aged", 10)
    await age(kept, "aged", 7)
    async with join(kept, "aged", after=3) as before:
        done = await asyncio.to_thread(kept.manage, "chat_prune")
        said = await before.ask({"message": "still here"})
    gap = False
    while not gap:  # what was missed is not all there, once memory knows it
        async with join(kept, "aged", after=3) as after:
            gap = after.welcome["gap"]

    assert done.stdout == "Deleted 7 messages older than 30 days.\n"
    assert said["number"] == 11
    assert numbers(before.history["events"]) == [*range(4, 11)]
    assert numbers(after.history["events"]) == [8, 9, 10, 11]


async def test_a_run_deletes_no_more_than_it_may_oldest_first(kept: servers.Site) -> None:
    await fill(kept, "bounded", 10)
    await age(kept, "bounded", 10)

    done = await asyncio.to_thread(kept.manage, "chat_prune", "--batch", "2", "--most", "5")

    async with join(kept, "bounded") as talk:
        pass
    assert "5 messages" in done.stdout
    assert "run it again" in done.stdout
    assert numbers(talk.history["events"]) == [6, 7, 8, 9, 10]


async def test_a_room_is_forgotten_where_nothing_was_said_and_nobody_is(
    kept: servers.Site,
) -> None:
    async with join(kept, "visited"):
        pass
    async with join(kept, "peopled") as talk:
        done = await asyncio.to_thread(kept.manage, "chat_prune")
        said = await talk.ask({"message": "still here"})
    code = "from chat.models import RoomState as R; print(*(room.name for room in R.objects.all()))"
    left = await asyncio.to_thread(kept.manage, "shell", "--no-imports", "-v0", "-c", code)

    assert done.stdout == "Deleted 0 messages older than 30 days. Forgot 1 unused room.\n"
    assert said["number"] == 1
    assert left.stdout.split() == ["peopled"]


async def test_the_numbers_of_a_room_go_on_where_nothing_is_left(kept: servers.Site) -> None:
    await fill(kept, "emptied", 2)
    await age(kept, "emptied", 2)
    done = await asyncio.to_thread(kept.manage, "chat_prune", "--days", "1")
    async with join(kept, "emptied") as talk:
        said = await talk.ask({"message": "still here"})
    async with join(kept, "emptied", after=2) as late:
        pass

    assert done.stdout == "Deleted 2 messages older than 1 day.\n"
    assert said["number"] == 3
    assert numbers(late.history["events"]) == [3]
    assert late.welcome["gap"] is False


async def test_everything_is_kept_where_nobody_says_for_how_long(chat: servers.Site) -> None:
    done = await asyncio.to_thread(chat.manage, "chat_prune")

    assert "everything is kept" in done.stdout


async def test_staff_can_remove_a_message_and_change_none(chat: servers.Site) -> None:
    await asyncio.to_thread(
        chat.manage,
        "shell",
        "--no-imports",
        "-v0",
        "-c",
        "from django.contrib.auth.models import User;"
        f"User.objects.create_superuser('warden', password={PASSWORD!r})",
    )
    async with join(chat, "warded") as talk:
        said = await talk.ask({"message": "rude"})
    form = {"username": "warden", "password": PASSWORD}
    staff = submit(chat, "/admin/login/", "/admin/login/?next=/admin/", form, {}).cookies
    listed = "/admin/chat/message/?q=warded"
    act = {"action": "erase", "_selected_action": said["id"]}
    removed = submit(chat, listed, listed, act, staff)
    page = ask(chat, f"/admin/chat/message/{said['id']}/change/", cookies=staff)
    async with join(chat, "warded") as reader:
        pass

    assert removed.status == 302
    assert page.status == 200
    assert not re.search(r'name="(text|_save|_delete)"', page.text)
    (shown,) = reader.history["events"]
    assert (shown["message"], shown["removed"]) == ("This message was removed.", True)
    assert shown["number"] == said["number"]
