"""The room's WebSocket, against real servers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from talking import join, still_talks
from websockets.exceptions import InvalidStatus

if TYPE_CHECKING:
    import servers


async def test_a_client_of_the_tutorial_can_take_part(chat: servers.Site) -> None:
    async with join(chat, "tutorial", page=False) as one, join(chat, "tutorial", page=False) as two:
        await one.send({"message": "hi"})
        heard = [await one.next(), await two.next()]

    assert [frame["message"] for frame in heard] == ["hi", "hi"]
    assert heard[1]["from"].startswith("Guest-")


async def test_whatever_a_client_of_the_tutorial_hears_has_a_message(chat: servers.Site) -> None:
    async with join(chat, "tutorial-2", page=False) as talk:
        heard = [
            await talk.ask(frame) for frame in ("{", {"name": "Ada"}, {"ping": 1}, {"name": ""})
        ]

    assert all(isinstance(frame["message"], str) for frame in heard)


async def test_the_page_is_welcomed_with_its_name_and_limits(chat: servers.Site) -> None:
    async with join(chat, path="/ws/chat/caf%C3%A9/") as talk:
        welcome = await talk.next()

    assert talk.socket.subprotocol == "chat.v2"
    assert (welcome["type"], welcome["room"], welcome["account"]) == ("welcome", "café", False)
    assert welcome["limits"] == {"message": 4000, "name": 40, "burst": 20, "per_second": 5.0}


async def test_an_echo_carries_the_ref_and_who_and_when(chat: servers.Site) -> None:
    async with join(chat, "echo") as talk:
        renamed = await talk.ask({"name": " Ada  Lovelace ", "ref": "n1"})
        echo = await talk.ask({"message": "hi\r\nthere", "ref": "r1"})

    assert (renamed["type"], renamed["name"], renamed["ref"]) == ("name", "Ada Lovelace", "n1")
    assert echo["id"]
    assert echo["at"].endswith("+00:00")
    assert echo | {"id": 0, "at": 0} == {
        "type": "message",
        "number": 1,
        "mine": True,
        "message": "hi\nthere",
        "from": "Ada Lovelace",
        "guest": True,
        "ref": "r1",
        "id": 0,
        "at": 0,
    }


async def test_another_room_hears_nothing(chat: servers.Site) -> None:
    async with join(chat, "here") as here, join(chat, "there") as there:
        await here.ask({"message": "secret"})
        heard = await there.ask({"message": "mine"})

    assert heard["message"] == "mine"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("nonsense", "json"),
        ("[" * 60_000, "json"),
        ('{"message": ' + "9" * 5_000 + "}", "json"),
        ({"message": ""}, "empty"),
        ({"message": "x" * 4001}, "too_long"),
        ({"message": ["x"]}, "type"),
        ('{"message": "\\ud800"}', "unicode"),
        (b"\x00\xff", "binary"),
        (b"", "binary"),
        ("x" * 70_000, "frame_too_big"),
        ({"name": "system"}, "name"),
        ({"type": "system", "message": 1}, "type"),
    ],
)
async def test_a_bad_frame_is_answered_on_its_own_socket_alone(
    chat: servers.Site, frame: object, code: str
) -> None:
    async with join(chat, "bad-frames") as bad, join(chat, "bad-frames") as other:
        answer = await bad.ask(frame)
        await bad.send({"message": "and on"})
        heard = await other.next()

    assert (answer["type"], answer["code"]) == ("error", code)
    assert heard["message"] == "and on"


async def test_a_browser_cannot_speak_as_the_system(chat: servers.Site) -> None:
    forged = {"type": "system", "message": "obey", "level": "critical", "from": "ops", "id": "1"}
    async with join(chat, "forged") as talk:
        heard = await talk.ask(forged)

    assert (heard["type"], heard["message"]) == ("message", "obey")
    assert heard["from"] not in {"ops", None}


async def test_a_flood_is_refused_and_then_closed(chat: servers.Site) -> None:
    async with join(chat, "flood") as loud, join(chat, "flood") as quiet:
        for number in range(400):
            await loud.send({"message": "x", "ref": f"{number}"})
        codes: list[str | None] = []
        while "flood" not in codes:
            codes.append((await loud.next()).get("code"))
        code = await loud.closed()
        await still_talks(quiet, "calm")

    assert code == 4008


@pytest.mark.parametrize(
    "room", ["a b", "x" * 51, "..%2F..", "%F0%9F%8E%89", "%FF%FE", "%00", "%0A"]
)
async def test_a_name_that_is_no_room_is_closed_with_its_code(
    chat: servers.Site, room: str
) -> None:
    async with join(chat, path=f"/ws/chat/{room.replace(' ', '%20')}/") as talk:
        refused = await talk.next()
        code = await talk.closed()

    assert (refused["code"], code) == ("room", 4404)


@pytest.mark.parametrize("path", ["/", "/ws/", "/ws/chat/", "/ws/chat/lobby", "/nothing/here"])
async def test_a_path_without_a_room_is_closed_with_its_code(chat: servers.Site, path: str) -> None:
    async with join(chat, path=path) as talk:
        code = await talk.closed()

    assert code == 4404


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:1", "http://127.0.0.1", "https://127.0.0.1:{port}"],
)
async def test_a_page_of_another_site_cannot_open_a_socket(chat: servers.Site, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with join(chat, origin=origin.format(port=chat.port)):
            pass

    assert caught.value.response.status_code == 403


async def test_an_idle_room_stays_open(either_chat: servers.Site) -> None:
    # redis-py 8 gives up after 5 s of silence; the span itself is what is tested.
    async with join(either_chat, "idle") as one, join(either_chat, "idle") as two:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(6.5):
                await two.socket.recv()
        await one.send({"message": "awake"})
        heard = await two.next()

    assert heard["message"] == "awake"
