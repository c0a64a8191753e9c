"""The chat on a real PostgreSQL, through two server processes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import servers
from asking import ask
from postgres import MISSING, postgres
from signing import PASSWORD
from talking import join, until
from test_chat_accounts import header, sign_up
from test_chat_keeping import age
from test_chat_moderation import ENV
from test_chat_roster import cookie_of
from watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterator

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on PATH: {', '.join(MISSING)}")

STAFF = """
from django.contrib.auth.models import User
User.objects.update(is_staff=True, is_superuser=True)
"""

STORE = """
from chat.protocol.events import Message
from chat.records.store import Said, store
hi = {"text": "hi", "name": "Ada", "guest": True, "ref": None}
store([Said(room=room, message=Message(**hi, id=room)) for room in ("held", "new")])
"""


@pytest.fixture(scope="module")
def pair(broker: servers.Valkey) -> Iterator[tuple[servers.Site, servers.Site]]:
    """Two server processes, with the site's own WebSocket protocol, on one PostgreSQL."""
    with postgres() as database:
        url = f"postgres://chat@{quote(str(database.folder), safe='')}/postgres"
        env = {**ENV, "DATABASE_URL": url, "CHAT_KEEP_DAYS": "30"}
        with (
            servers.site(broker.url, server="uvicorn", env=env) as one,
            servers.site(broker.url, server="uvicorn", env=env, database_url=url) as two,
        ):
            for site in (one, two):
                site.stop()
                site.command += ["--ws", "chatsite.lean:Lean"]
                site.start()
            yield one, two


async def test_who_comes_goes_and_has_another_name_is_seen_on_both_servers(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    bob = cookie_of(one, "Bob")
    async with watch(one, "garden", cookie=cookie_of(one, "Ada")) as ada:
        async with join(two, "garden", cookie=bob) as there, join(one, "garden", cookie=bob):
            await ada.until(lambda: ada.names == ["Ada", "Bob"])
            taken = await there.ask({"name": "ADA"})
            await there.send({"name": "Bobby"})
            await ada.until(lambda: ada.names == ["Ada", "Bobby"])
        await ada.until(lambda: ada.names == ["Ada"])

    assert taken["type"] == "error"


async def test_each_message_of_two_servers_has_a_number_and_old_ones_are_pruned(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    async with join(one, "talk") as ada, join(two, "talk") as bob:
        for number in range(5):
            await asyncio.gather(
                *(each.send({"message": "hi", "ref": f"{number}"}) for each in (ada, bob))
            )
        heard = [[await each.next() for _ in range(10)] for each in (ada, bob)]
        again = await ada.ask({"message": "hi", "ref": "0"})
    await age(one, "talk", 7)
    pruned = one.manage("chat_prune")
    async with join(two, "talk") as late:
        pass

    for frames in heard:
        assert sorted(frame["number"] for frame in frames) == [*range(1, 11)]
    assert again["number"] <= 10
    assert "7 messages" in pruned.stdout, pruned.stderr
    assert [event["number"] for event in late.history["events"]] == [8, 9, 10]


async def test_an_account_is_made_and_what_staff_do_holds_on_the_other_server(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    one, two = pair
    made = sign_up(one, "warden", PASSWORD)
    one.manage("shell", "--no-imports", "-v0", "-c", STAFF)
    rude = cookie_of(two, "Rude")
    async with (
        join(one, "court", cookie=header(made.cookies)) as warden,
        join(two, "court", cookie=rude) as guest,
    ):
        said = await guest.ask({"message": "rude"})
        await warden.send({"act": "expel", "number": said["number"], "minutes": 5})
        expelled = await guest.closed()
    async with join(one, path="/ws/chat/court/", cookie=rude) as back:
        refused = await back.next()
    acts = ask(two, "/admin/chat/act/?q=court", cookies=made.cookies)

    assert made.status == 302
    assert (expelled, refused["code"], acts.status) == (4403, "removed", 200)
    assert not any("Traceback" in site.log for site in pair)


async def test_a_cookie_that_no_database_can_hold_keeps_nobody_out(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    odd = r'sessionid="\000abcdefghijkl"'
    page = ask(pair[0], "/chat/gate/", cookies=dict([odd.split("=", 1)]))
    async with join(pair[0], "gate", cookie=odd) as talk:
        said = await talk.ask({"message": "hi"})

    assert (page.status, said["message"]) == (200, "hi")


async def test_who_waits_for_a_room_that_another_opens_holds_up_no_other_room(
    pair: tuple[servers.Site, servers.Site],
) -> None:
    with psycopg.connect(pair[0].env["DATABASE_URL"]) as other:
        opened = "INSERT INTO chat_roomstate (name, last) VALUES (%s, 0)"
        other.execute(opened, ["held"])
        other.commit()
        other.execute(opened, ["new"])

        async def waits() -> bool:
            return bool(other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall())

        shell = ("shell", "--no-imports", "-v0", "-c", STORE)
        stores = asyncio.create_task(asyncio.to_thread(pair[0].manage, *shell))
        await until(waits)
        other.execute("SELECT 1 FROM chat_roomstate WHERE name = 'held' FOR UPDATE NOWAIT")
    done = await stores

    assert done.returncode == 0, done.stderr
