"""Whose message it is: the ref and the id that its author alone can make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asking import submit
from talking import join

if TYPE_CHECKING:
    import servers


def session(site: servers.Site, name: str) -> str:
    cookies = submit(site, "/", "/name/", {"name": name}, {}).cookies
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


async def test_a_message_sent_again_is_stored_once_over_a_new_socket_and_a_new_name(
    chat: servers.Site,
) -> None:
    ada = session(chat, "Ada")
    async with join(chat, "again") as listener:
        async with join(chat, "again", cookie=ada) as talk:
            first = await talk.ask({"message": "hi", "ref": "r1"})
            await talk.ask({"name": "Grace"})
        async with join(chat, "again", cookie=ada) as talk:
            second = await talk.ask({"message": "hi", "ref": "r1"})
            other = await talk.ask({"message": "hi", "ref": "r2"})
        heard = [await listener.next() for _ in range(2)]

    assert first["id"] == second["id"] != other["id"]
    assert [first["ref"], second["ref"], other["ref"]] == ["r1", "r1", "r2"]
    assert [first["number"], second["number"], other["number"]] == [1, 1, 2]
    assert [frame["id"] for frame in heard] == [first["id"], other["id"]]


async def test_nobody_else_gets_a_ref_or_can_use_it(chat: servers.Site) -> None:
    ada, eve = session(chat, "Ada"), session(chat, "Eve")
    async with join(chat, "refs", cookie=ada) as one, join(chat, "refs", cookie=eve) as two:
        mine = await one.ask({"message": "mine", "ref": "r1"})
        heard = await two.next()
        await two.send({"message": "forged", "ref": "r1"})
        forged = await one.next()

    assert (heard["message"], heard["ref"]) == ("mine", None)
    assert (forged["message"], forged["ref"]) == ("forged", None)
    assert forged["id"] != mine["id"]


async def test_another_text_under_the_same_ref_is_refused_and_not_stored(
    chat: servers.Site,
) -> None:
    ada = session(chat, "Ada")
    async with join(chat, "twice", cookie=ada) as talk:
        first = await talk.ask({"message": "one", "ref": "r1"})
        refused = await talk.ask({"message": "two", "ref": "r1"})
        again = await talk.ask({"message": "one", "ref": "r1"})
        other = await talk.ask({"message": "two", "ref": "r2"})

    assert (refused["type"], refused["code"], refused["ref"]) == ("error", "ref", "r1")
    assert [each["number"] for each in (first, again, other)] == [1, 1, 2]
