"""What staff do, from the page and the admin: it holds on every server at once, and is recorded."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING

import pytest
import servers
from asking import ask, submit
from signing import sign_in
from talking import join, still_talks
from test_chat_roster import cookie_of
from watching import watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from talking import Talk

ENV = {"SECRET_KEY": "k" * 60 + "0123456789abcdef", "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0"}


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[servers.Site, servers.Site]]:
    """Two server processes, one uvicorn and one Daphne, with one database and one key."""
    with (
        servers.valkey() as broker,
        servers.site(broker.url, server="uvicorn", env=ENV) as one,
        servers.site(
            broker.url, server="daphne", env=ENV, database_url=one.env["DATABASE_URL"]
        ) as two,
    ):
        yield one, two


@pytest.fixture
def room() -> str:
    return f"court-{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def staff(pair: tuple[servers.Site, servers.Site]) -> dict[str, str]:
    """The cookies of somebody who may moderate, and is no superuser."""
    cookies = sign_in(pair[0], "warden", {})
    code = (
        "from django.contrib.auth.models import Permission, User;"
        "u = User.objects.get(username='warden');"
        "u.is_staff = True; u.save();"
        "u.user_permissions.add(Permission.objects.get(codename='moderate'))"
    )
    done = pair[0].manage("shell", "--no-imports", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr
    return cookies


def header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def heard(talk: Talk, kind: str) -> dict[str, object]:
    """Read up to the next frame of a type."""
    while (frame := await talk.next())["type"] != kind:
        pass
    return frame


async def test_a_removed_message_goes_from_every_window_and_stays_gone(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    async with (
        join(one, room, cookie=header(staff)) as warden,
        join(two, room) as rude,
        join(two, room, page=False) as simple,
    ):
        said = await rude.ask({"message": "rude"})
        await rude.ask({"message": "and on"})
        await warden.ask({"act": "erase", "number": said["number"], "why": "rude", "ref": "a1"})
        here, there = await heard(rude, "removed"), await heard(simple, "removed")
        async with join(two, room) as late, join(one, room, after=2) as back:
            again = await back.next()
    acts = ask(one, f"/admin/chat/act/?q={room}", cookies=staff).text

    assert here["number"] == there["number"] == again["number"] == said["number"]
    assert here["message"] == there["message"] == "This message was removed."
    assert [event.get("removed") for event in late.history["events"]] == [True, None]
    assert re.search(r"warden.*removed a message.*rude", re.sub(r"\s+", " ", acts))


async def test_who_is_muted_is_heard_by_nobody_until_they_are_unmuted(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    loud_cookie = cookie_of(one, "Loud")
    async with (
        watch(one, room, cookie=header(staff)) as warden,
        join(two, room, cookie=loud_cookie) as loud,
    ):
        await warden.until(lambda: "Loud" in warden.names)
        person = next(key for key, name in warden.people.items() if name == "Loud")
        await warden.talk.send({"act": "mute", "person": person, "minutes": 10, "why": "shouting"})
        told = await heard(loud, "rules")
        refused = await loud.ask({"message": "LOUD", "ref": "r1"})
        async with join(one, room, cookie=loud_cookie) as back:
            again = await back.ask({"message": "LOUD"})
        await warden.talk.send({"act": "unmute", "person": person})
        freed = await heard(loud, "rules")
        echo = await loud.ask({"message": "thanks"})

    assert "muted" in str(told["silenced"])
    assert "Why: \u2068shouting\u2069" in str(told["silenced"])  # written in any direction
    assert (refused["code"], refused["ref"]) == ("silenced", "r1")
    assert "muted" in back.welcome["silenced"]
    assert again["code"] == "silenced"
    assert freed["silenced"] is None
    assert (echo["type"], echo["number"]) == ("message", 1)


async def test_who_is_removed_leaves_at_once_and_does_not_come_back(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    cookie = cookie_of(one, "Troll")
    async with join(one, room, cookie=header(staff)) as warden:
        async with (
            join(one, room, cookie=cookie) as here,
            join(two, room, cookie=cookie) as there,
            join(two, room) as other,
        ):
            said = await here.ask({"message": "trolling"})
            await warden.send({"act": "expel", "number": said["number"], "why": "trolling"})
            reason = await heard(there, "error")
            codes = await here.closed(), await there.closed()
            two.kill()
            two.start()
            async with join(two, path=f"/ws/chat/{room}/", cookie=cookie) as back:
                refused = await back.next()
                codes += (await back.closed(),)
            async with join(two, f"{room}-2", cookie=cookie) as elsewhere:
                await still_talks(elsewhere, "in another room")
        await warden.send({"act": "readmit", "number": said["number"]})
        await heard(warden, "done")
        await heard(warden, "done")
        async with join(two, room, cookie=cookie) as forgiven:
            await still_talks(forgiven, "sorry")

    assert codes == (4403,) * 3
    assert reason["code"] == refused["code"] == "removed"
    assert "trolling" in str(reason["message"])
    assert other.welcome["name"] != "Troll"


async def test_in_a_locked_room_only_staff_write(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    async with (
        join(one, room, cookie=header(staff)) as warden,
        join(two, room) as guest,
        join(two, room, page=False) as simple,
    ):
        await warden.send({"act": "lock"})
        locked = await heard(guest, "rules")
        refused = [await talk.ask({"message": "may I?"}) for talk in (guest, simple)]
        await heard(warden, "done")
        await still_talks(warden, "an announcement")
        await warden.send({"act": "unlock"})
        await heard(guest, "rules")
        await still_talks(guest, "free again")

    assert locked["locked"] is True
    assert [frame["code"] for frame in refused] == ["silenced"] * 2


async def test_nobody_else_can_do_any_of_it(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, _ = pair
    account = sign_in(one, f"user-{secrets.token_hex(4)}", {})
    async with (
        join(one, room) as guest,
        join(one, room, cookie=header(account)) as user,
        join(one, room, cookie=header(staff)) as warden,
    ):
        answers = [
            await talk.ask({"act": act, "number": 1})
            for talk in (guest, user)
            for act in ("erase", "lock")
        ]
        odd = [
            (await warden.ask(frame))["code"]
            for frame in (
                {"act": "burn"},
                {"act": "mute"},
                {"act": "mute", "person": "0" * 32},
                {"act": "mute", "person": "\ud800" * 32},
                {"act": "erase", "person": "0" * 32},
                {"act": "lock", "minutes": 5},
                {"act": "erase", "number": 2**53 + 1},
                {"act": "mute", "number": 1, "minutes": 0},
                {"act": ["mute"]},
                {"act": "unmute", "number": 99},
            )
        ]
        await still_talks(guest, "nothing happened")

    assert {answer["code"] for answer in answers} == {"staff"}
    assert odd == ["type", "type", "nobody", *["type"] * 6, "nobody"]


async def test_the_admin_acts_on_open_windows_too(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    page = f"/admin/chat/message/?q={room}"
    async with join(one, room) as guest, join(two, room) as other:
        said = await guest.ask({"message": "rude"})
        for action in ("erase", "mute"):
            form = {"action": action, "_selected_action": said["id"]}
            await asyncio.to_thread(submit, two, page, page, form, staff)
        removed = await heard(other, "removed")
        muted = await heard(guest, "rules")
    record = ask(one, f"/admin/chat/act/?q={room}", cookies=staff)
    row = re.search(r"/admin/chat/act/\d+/change/", record.text)
    assert row is not None
    change = ask(one, row[0], cookies=staff)

    assert removed["number"] == said["number"]
    assert muted["silenced"]
    assert "2 acts" in record.text
    assert not re.search(r'name="(_save|_delete|why)"', change.text)


async def test_acts_hold_without_a_broker(staff: dict[str, str], room: str) -> None:
    del staff
    with (
        servers.valkey() as broker,
        servers.site(broker.url, server="daphne", env=ENV) as one,
        servers.site(
            broker.url, server="daphne", env=ENV, database_url=one.env["DATABASE_URL"]
        ) as two,
    ):
        cookies = sign_in(one, "boss", {})
        code = "from django.contrib.auth.models import User;"
        code += "User.objects.update(is_staff=True, is_superuser=True)"
        one.manage("shell", "--no-imports", "-v0", "-c", code)
        async with join(one, room, cookie=header(cookies)) as boss, join(two, room) as guest:
            broker.kill()
            await boss.send({"act": "lock"})
            locked = await heard(guest, "rules")

    assert locked["locked"] is True
