"""Who speaks: guests by their browser's session, accounts by their own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asking import ask, submit
from signing import sign_in
from talking import join, still_talks

if TYPE_CHECKING:
    import servers


def cookie(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def test_a_guest_is_the_same_on_every_page_and_socket(chat: servers.Site) -> None:
    cookies = submit(chat, "/", "/name/", {"name": "Ada"}, {}).cookies
    async with join(chat, "identity", cookie=cookie(cookies)) as talk:
        echo = await talk.ask({"message": "hi"})
        await talk.ask({"name": "Grace"})
    async with join(chat, "identity", cookie=cookie(cookies)) as talk:
        again = await talk.ask({"message": "hi"})

    assert [(frame["from"], frame["guest"]) for frame in (echo, again)] == [
        ("Ada", True),
        ("Grace", True),
    ]
    assert 'data-name="Grace"' in ask(chat, "/chat/identity/", cookies=cookies).text


async def test_an_account_speaks_under_its_own_name_alone(production: servers.Site) -> None:
    cookies = sign_in(production, "hopper", {})
    async with join(production, "identity", cookie=cookie(cookies)) as talk:
        refused = await talk.ask({"name": "Ada"})
        echo = await talk.ask({"message": "hi"})

    assert refused["code"] == "account"
    assert (echo["from"], echo["guest"]) == ("hopper", False)


async def test_an_open_socket_does_not_speak_for_an_account_that_signed_out(
    production: servers.Site,
) -> None:
    cookies = sign_in(production, "turing", {})
    room = ask(production, "/chat/identity/", cookies=cookies)
    async with join(production, "gone", cookie=cookie(cookies)) as talk, join(production, "gone"):
        await talk.ask({"message": "before"})
        submit(production, "/", "/accounts/logout/", {}, cookies)
        refused = await talk.ask({"message": "after", "ref": "r1"})
        code = await talk.closed()

    assert 'data-name="turing"' in room.text
    assert (refused["code"], refused["ref"], code) == ("signed_out", "r1", 4401)


async def test_a_name_chosen_in_one_tab_is_spoken_under_in_the_others(chat: servers.Site) -> None:
    mine = cookie(submit(chat, "/", "/name/", {"name": "Ada"}, {}).cookies)
    async with join(chat, "tabs", cookie=mine) as one, join(chat, "tabs", cookie=mine) as two:
        await two.ask({"name": "Grace"})
        renamed = await one.ask({"message": "hi"})
        said = await one.next()

    assert (renamed["type"], renamed["name"], renamed["ref"]) == ("name", "Grace", None)
    assert said["from"] == "Grace"


async def test_a_name_chosen_after_signing_out_elsewhere_brings_nobody_back(
    production: servers.Site,
) -> None:
    guest = submit(production, "/", "/name/", {"name": "Ada"}, {}).cookies
    async with join(production, "identity", cookie=cookie(guest)) as talk:
        sign_in(production, "lovelace", guest)  # the guest's session is gone from here on
        renamed = await talk.ask({"name": "Grace"})
        await still_talks(talk, "still here")

    old = ask(production, "/chat/identity/", cookies=guest)
    assert renamed["name"] == "Grace"
    assert 'data-name="Grace"' not in old.text


async def test_uvicorn_closes_with_the_codes_of_the_protocol(production: servers.Site) -> None:
    async with join(production, path="/ws/chat/a%20b/") as talk:
        code = await talk.closed()

    assert code == 4404
