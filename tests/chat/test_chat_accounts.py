"""Accounts: signing up and in, and whose name is whose."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import pytest
from asking import ask, submit
from signing import PASSWORD, sign_in
from talking import join
from test_chat_roster import cookie_of
from watching import watch

if TYPE_CHECKING:
    import servers
    from asking import Answer


def sign_up(
    site: servers.Site, name: str, password: str = PASSWORD, cookies: dict[str, str] | None = None
) -> Answer:
    form = {"username": name, "password1": password, "password2": password, "next": "/chat/x/"}
    page = "/accounts/signup/"
    return submit(site, page, page, form, cookies or {})


def header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def test_who_signs_up_is_signed_in_and_has_the_name(production: servers.Site) -> None:
    made = sign_up(production, "grace_h")
    async with join(production, "signed-up", cookie=header(made.cookies)) as talk:
        echo = await talk.ask({"message": "hi"})

    assert (made.status, made.headers["Location"]) == (302, "/chat/x/")
    assert (echo["from"], echo["guest"]) == ("grace_h", False)


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [
        ("ada_w", "12345678", "too common"),
        ("ada_w", "ada_w_123", "too similar"),
        ("system", PASSWORD, "reserved"),
        ("аda", PASSWORD, "one alphabet"),  # noqa: RUF001 - the look-alike is the case
        ("", PASSWORD, "required"),
        ("HEDY-L", PASSWORD, "taken"),
        ("hedy.1", PASSWORD, "taken"),
    ],
)
def test_an_account_that_will_not_do_is_refused_with_its_reason(
    production: servers.Site, name: str, password: str, words: str
) -> None:
    sign_in(production, "hedy_l", {})
    answer = sign_up(production, name, password)

    assert answer.status == 200
    assert words in answer.text


async def test_a_name_in_use_by_a_guest_is_only_theirs_to_sign_up_with(
    production: servers.Site,
) -> None:
    guest = submit(production, "/", "/name/", {"name": "katherine"}, {}).cookies
    async with join(production, "guests", cookie=header(guest)):
        stolen = sign_up(production, "Katherine")
        made = sign_up(production, "katherine", cookies=guest)

    assert "taken" in stolen.text
    assert made.status == 302


async def test_a_guest_cannot_have_an_accounts_name_or_one_like_it(
    production: servers.Site,
) -> None:
    before = cookie_of(production, "Mileva")  # before there is such an account
    sign_in(production, "mileva", {})
    async with join(production, "guests", cookie=before) as talk:
        refused = [await talk.ask({"name": name}) for name in ("MILEVA", "mi1eva", "Míleva.")]

    assert talk.welcome["name"] == "Mileva 2"
    assert [frame["code"] for frame in refused] == ["name"] * 3


async def test_a_name_is_one_persons_in_a_room_whatever_the_server(chat: servers.Site) -> None:
    room = f"names-{secrets.token_hex(4)}"
    mine = cookie_of(chat, "Ada")
    async with join(chat, room, cookie=mine) as ada, join(chat, room, cookie=mine) as window:
        async with join(chat, room, cookie=cookie_of(chat, "ada")) as other:
            refused = await other.ask({"name": "A.D.A", "ref": "n1"})
            echo = await other.ask({"message": "hi"})
        async with join(chat, f"{room}-2", cookie=cookie_of(chat, "Ada")) as elsewhere:
            assert elsewhere.welcome["name"] == "Ada"

    assert ada.welcome["name"] == window.welcome["name"] == "Ada"
    assert other.welcome["name"] == echo["from"] == "ada 2"
    assert (refused["code"], refused["ref"]) == ("name", "n1")
    assert "Somebody has that name" in refused["message"]


async def test_many_who_come_at_once_under_one_name_get_as_many_names(
    chat: servers.Site,
) -> None:
    room = f"crowded-{secrets.token_hex(4)}"
    cookies = [cookie_of(chat, "Ada") for _ in range(25)]
    leave = asyncio.Event()

    async def come(cookie: str) -> str:
        async with join(chat, room, cookie=cookie) as talk:
            await leave.wait()
            return str(talk.welcome["name"])

    async with watch(chat, room) as watcher:
        tasks = [asyncio.create_task(come(cookie)) for cookie in cookies]
        await watcher.until(lambda: watcher.count == 26)
        leave.set()
        given = await asyncio.gather(*tasks)

    assert len(set(given)) == 25
    assert "Ada" in given


def test_who_guesses_passwords_is_stopped_and_told_and_others_are_not(
    production: servers.Site,
) -> None:
    name = f"emmy_{secrets.token_hex(4)}"
    sign_in(production, name, {})
    page = "/accounts/login/"
    wrong = {"username": name, "password": "guess"}
    answers = [submit(production, page, page, wrong, {}).text for _ in range(6)]
    right = submit(production, page, page, {"username": name, "password": PASSWORD}, {})
    admin = submit(
        production, "/admin/login/", "/admin/login/", {"username": name, "password": PASSWORD}, {}
    )
    other = sign_in(production, f"lise_{secrets.token_hex(4)}", {})

    assert ["do not belong together" in text for text in answers] == [True] * 5 + [False]
    assert "Too many tries" in answers[5]
    assert "Too many tries" in right.text
    assert "sessionid" not in admin.cookies
    assert "sessionid" in other


def test_the_sign_up_page_keeps_where_to_go_but_goes_to_no_other_site(
    production: servers.Site,
) -> None:
    here = ask(production, "/accounts/signup/?next=/chat/x/").text
    elsewhere = ask(production, "/accounts/signup/?next=https://evil.example/").text

    assert 'name="next" value="/chat/x/"' in here
    assert "evil.example" not in elsewhere


async def test_a_name_waits_for_a_guest_who_can_come_back_and_for_no_other(
    chat: servers.Site,
) -> None:
    room = f"held-{secrets.token_hex(4)}"
    mine = cookie_of(chat, "Ada")
    async with watch(chat, room) as here:
        async with join(chat, room, cookie=mine), join(chat, room) as passer_by:
            await passer_by.ask({"name": "Bob"})
            await here.until(lambda: here.count == 3)
        await here.until(lambda: here.count == 1)
        refused = await here.talk.ask({"name": "Ada"})
        async with join(chat, room, cookie=mine) as back:
            pass
        await here.talk.send({"name": "Bob"})
        renamed = await here.next("name")

    assert refused["code"] == "name"
    assert back.welcome["name"] == "Ada"
    assert renamed["name"] == "Bob"
