"""What stops a guest who was removed, and comes back with another browser session."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING

import pytest
from asking import ask, submit
from signing import sign_in
from talking import join, still_talks
from test_chat_moderation import header, heard, pair, staff
from test_chat_roster import cookie_of

if TYPE_CHECKING:
    import servers

__all__ = ["pair", "staff"]


@pytest.fixture
def room() -> str:
    return f"bar-{secrets.token_hex(4)}"


async def test_a_removed_guest_comes_back_as_another_but_cannot_write_where_guests_are_barred(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    account = sign_in(one, f"user-{secrets.token_hex(4)}", {})
    async with (
        join(one, room, cookie=header(staff)) as warden,
        join(two, room, cookie=header(account)) as user,
        join(two, room, cookie=cookie_of(one, "Bystander")) as bystander,
    ):
        async with join(two, room, cookie=cookie_of(one, "Troll")) as troll:
            said = await troll.ask({"message": "trolling"})
            await warden.send({"act": "expel", "number": said["number"]})
            code = await troll.closed()
        await warden.send({"act": "bar", "why": "trolls"})
        told = await heard(bystander, "rules")
        async with (
            join(two, room, cookie=cookie_of(two, "Troll")) as again,
            join(one, room, page=False) as simple,
        ):
            refused = [
                await again.ask({"message": "I am back"}),
                await again.ask({"name": "WARDEN IS A FOOL"}),
                await simple.ask({"message": "me too"}),
            ]
            await still_talks(warden, "as staff")
            await still_talks(user, "with an account")
            await warden.send({"act": "unbar"})
            freed = await heard(again, "rules")
        await still_talks(bystander, "free again")
    record = re.sub(r"\s+", " ", ask(one, f"/admin/chat/act/?q={room}", cookies=staff).text)

    assert code == 4403
    assert (told["barred"], told["locked"]) == (True, False)
    assert "signed in" in str(told["silenced"])
    assert (again.welcome["barred"], "signed in" in again.welcome["silenced"]) == (True, True)
    assert [frame["code"] for frame in refused] == ["silenced"] * 3
    assert (freed["barred"], freed["silenced"]) == (False, None)
    assert re.search(r"warden.*let guests write again.*barred guests from writing.*trolls", record)


async def test_the_admin_bars_guests_from_open_rooms(
    pair: tuple[servers.Site, servers.Site], staff: dict[str, str], room: str
) -> None:
    one, two = pair
    page = f"/admin/chat/roomstate/?q={room}"
    async with join(one, room) as guest:
        form = {"action": "bar", "_selected_action": room}
        await asyncio.to_thread(submit, two, page, page, form, staff)
        told = await heard(guest, "rules")
        async with join(two, room) as late:
            refused = await late.ask({"message": "hi"})

    assert told["silenced"] == refused["message"]
    assert refused["code"] == "silenced"
