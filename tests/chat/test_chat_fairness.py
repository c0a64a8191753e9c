"""One person's share of a server, and what holds while somebody only reads."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from asking import submit
from signing import PASSWORD, sign_in
from talking import join, until
from test_chat_moderation import header, heard, pair, staff
from test_chat_roster import cookie_of
from watching import watch

if TYPE_CHECKING:
    import servers

__all__ = ["pair", "staff"]


@pytest.fixture
def room() -> str:
    return f"share-{secrets.token_hex(4)}"


def run(site: servers.Site, code: str) -> None:
    done = site.manage("shell", "--no-imports", "-v0", "-c", code)
    assert done.returncode == 0, done.stderr


async def test_who_is_removed_while_they_come_in_does_not_stay(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    cookie = cookie_of(one, "Quick")
    leave = asyncio.Event()
    codes: list[int | None] = []

    async def come_again_and_again() -> None:
        while not leave.is_set():
            async with join(two, path=f"/ws/chat/{room}/", cookie=cookie) as talk:
                if (await talk.next())["type"] == "error":
                    codes.append(await talk.closed())

    async with watch(one, room, cookie=header(staff)) as warden:
        coming = [asyncio.create_task(come_again_and_again()) for _ in range(3)]
        async with join(two, path=f"/ws/chat/{room}/", cookie=cookie):  # long enough to be expelled
            await warden.until(lambda: "Quick" in warden.names)
            person = next(key for key, name in warden.people.items() if name == "Quick")
            await warden.talk.send({"act": "expel", "person": person})
            await warden.next("done")
        await until(lambda: asyncio.sleep(0, len(codes) > 5))
        leave.set()
        await asyncio.gather(*coming)
        await warden.until(lambda: "Quick" not in warden.names)

    assert set(codes) == {4403}


async def test_all_sockets_of_a_person_share_one_limit(chat: servers.Site, room: str) -> None:
    cookie = cookie_of(chat, "Chatty")
    async with join(chat, room, cookie=cookie) as one, join(chat, room, cookie=cookie) as two:
        for _ in range(30):
            await one.send({"ping": 1})
            await two.send({"ping": 1})
        answers = [await talk.next() for talk in (one, two) for _ in range(30)]
    async with join(chat, room) as other:
        pong = await other.ask({"ping": 1})

    assert sum(answer.get("code") == "flood" for answer in answers) > 10
    assert pong["type"] == "pong"


async def test_names_are_chosen_seldom_also_after_coming_back(
    chat: servers.Site, room: str
) -> None:
    cookie = cookie_of(chat, "Fickle")
    async with join(chat, room, cookie=cookie) as talk:
        before = [await talk.ask({"name": f"Fickle {letter}"}) for letter in "abcdefghijkl"]
    async with join(chat, room, cookie=cookie) as talk:
        after = [await talk.ask({"name": f"Fickle {letter}"}) for letter in "mnop"]

    assert [frame["type"] for frame in before[:10]] == ["name"] * 10
    assert "flood" in {frame.get("code") for frame in before[10:] + after}
    assert "flood" in {frame.get("code") for frame in after}


async def test_who_is_muted_takes_no_other_name_and_hears_when_it_ends(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    async with (
        watch(one, room, cookie=header(staff)) as warden,
        join(two, room, cookie=cookie_of(one, "Shouter")) as loud,
    ):
        await warden.until(lambda: "Shouter" in warden.names)
        person = next(key for key, name in warden.people.items() if name == "Shouter")
        await warden.talk.send({"act": "mute", "person": person, "minutes": 1})
        await heard(loud, "rules")
        refused = await loud.ask({"name": "SHOUTER IS RIGHT"})
        soon = (
            "from datetime import timedelta; from django.utils import timezone;"
            "from chat.models import Restriction as R;"
            f"R.objects.filter(room={room!r})"
            ".update(until=timezone.now() + timedelta(seconds=4))"
        )
        await asyncio.to_thread(run, one, soon)
        await warden.talk.send({"act": "lock"})  # has the rules read again
        await warden.talk.send({"act": "unlock"})
        while (told := await heard(loud, "rules"))["silenced"]:
            pass

    assert refused["code"] == "silenced"
    assert told["locked"] is False


async def test_a_name_that_was_given_up_is_free_at_once(chat: servers.Site, room: str) -> None:
    async with join(chat, room) as one, join(chat, room) as other:
        await one.ask({"name": "First"})
        await one.ask({"name": "Second"})
        taken = await other.ask({"name": "First"})

    assert (taken["type"], taken["name"]) == ("name", "First")


async def test_an_account_that_is_locked_or_signed_out_does_not_go_on_reading(
    pair: tuple[servers.Site, servers.Site], room: str
) -> None:
    one, two = pair
    name = f"reader-{secrets.token_hex(4)}"
    account, other = sign_in(one, name, {}), sign_in(one, f"{name}-2", {})
    async with (
        join(two, room, cookie=header(account)) as locked,
        join(two, room, cookie=header(other)) as gone,
        join(two, room) as guest,
    ):
        lock = f"User.objects.filter(username={name!r}).update(is_active=False)"
        await asyncio.to_thread(run, one, f"from django.contrib.auth.models import User; {lock}")
        await asyncio.to_thread(submit, one, "/", "/accounts/logout/", {}, other)
        codes = await locked.closed(), await gone.closed()
        pong = await guest.ask({"ping": 1})

    assert codes == (4401, 4401)
    assert pong["type"] == "pong"


async def test_a_guest_who_only_reads_gives_a_new_account_its_name(
    pair: tuple[servers.Site, servers.Site], room: str
) -> None:
    one, two = pair
    name = f"silent{secrets.token_hex(4)}"
    async with join(two, room, cookie=cookie_of(one, name)) as guest:
        await asyncio.to_thread(sign_in, one, name, {})
        renamed = await heard(guest, "name")

    assert guest.welcome["name"] == name
    assert renamed["name"] == f"{name} 2"


async def test_staff_who_lost_the_right_cannot_act_any_more(
    pair: tuple[servers.Site, servers.Site], room: str
) -> None:
    one, two = pair
    name = f"former-{secrets.token_hex(4)}"
    cookies = sign_in(one, name, {})
    users = (
        f"from django.contrib.auth.models import User; u = User.objects.filter(username={name!r});"
    )
    run(one, f"{users}u.update(is_staff=True, is_superuser=True)")
    async with join(two, room, cookie=header(cookies)) as former:
        await former.send({"act": "lock"})
        await heard(former, "done")
        await asyncio.to_thread(run, one, f"{users}u.update(is_superuser=False)")
        await former.send({"act": "unlock"})
        refused = await heard(former, "error")

    assert refused["code"] == "staff"


async def test_a_new_name_reaches_the_persons_tab_on_another_server(
    pair: tuple[servers.Site, servers.Site], room: str
) -> None:
    one, two = pair
    cookie = cookie_of(one, "Tabby")
    async with (
        join(one, room, cookie=cookie) as here,
        join(two, room, cookie=cookie) as there,
    ):
        answer = await here.ask({"name": "Tabitha", "ref": "n"})
        told = await there.next()

    assert (answer["type"], answer["ref"]) == ("name", "n")
    assert (told["type"], told["name"], told["ref"]) == ("name", "Tabitha", None)


def test_of_look_alikes_signing_up_at_once_one_gets_the_account(production: servers.Site) -> None:
    stem = f"ada{secrets.token_hex(3)}".replace("1", "7")
    names = [stem, f"{stem}.", f"_{stem}", f"{stem}-", stem.upper(), f"{stem}_"]
    page = "/accounts/signup/"

    def sign_up(name: str) -> int:
        form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
        return submit(production, page, page, form, {}).status

    with ThreadPoolExecutor(len(names)) as threads:
        answers = list(threads.map(sign_up, names))

    assert sorted(answers) == [200] * 5 + [302]


def test_wrong_passwords_at_once_are_counted_too(production: servers.Site) -> None:
    name = f"lotte_{secrets.token_hex(4)}"
    sign_in(production, name, {})
    page = "/accounts/login/"

    def guess(password: str) -> str:
        return submit(production, page, page, {"username": name, "password": password}, {}).text

    with ThreadPoolExecutor(12) as threads:
        texts = list(threads.map(guess, [f"guess {n}" for n in range(12)]))

    assert sum("do not belong together" in text for text in texts) <= 5
