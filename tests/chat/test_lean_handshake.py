"""What the site's WebSocket protocol keeps of a handshake, and what it waits with."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from talking import until
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from chatsite.doorway import Doorway
from chatsite.lean import Lean
from chatsite.mailbox import Gate, Mailbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
HELLO = b"\x81\x85\0\0\0\0hello"
ECHO = b"\x81\x05hello"


def test_the_slots_are_the_attributes_that_uvicorn_sets() -> None:
    source = inspect.getsource(WebSocketsSansIOProtocol)
    names = set(re.findall(r"self\.(\w+)(?:: [^=\n]+)? = ", source))

    assert {*Lean.__slots__} == names


class Echo:
    """An application that lets nobody in before it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.state = ServerState()
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Say what is said."""
        self.headers = dict(scope["headers"])
        scope = dict(scope)  # as Channels' router does
        await receive()
        await self.open.wait()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})

    def protocols(self) -> HttpToolsProtocol:
        """Make the protocol of the one connection that there is, which becomes a `Lean`."""
        config = Config(self, ws=Lean, ws_per_message_deflate=False, log_config=None)
        config.load()
        return HttpToolsProtocol(config=config, server_state=self.state, app_state={})

    @property
    def protocol(self) -> Lean | None:
        """The socket, once it is one."""
        return next((each for each in self.state.connections if isinstance(each, Lean)), None)

    async def early(self) -> bool:
        """Tell whether something came before the handshake was done."""
        return self.protocol is not None and self.protocol.read_paused

    async def asked(self) -> bool:
        """Tell whether the client's half of the handshake has come."""
        return self.protocol is not None and self.protocol.handshake_initiated


@asynccontextmanager
async def connected(
    echo: Echo, handshake: bytes = HANDSHAKE
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = await asyncio.get_running_loop().create_server(echo.protocols, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(handshake)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()


async def test_half_a_frame_that_came_before_the_handshake_was_done_is_kept() -> None:
    echo = Echo()
    async with connected(echo) as (reader, writer):
        await until(echo.asked)
        writer.write(HELLO[:8])
        await until(echo.early)
        echo.open.set()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO[8:])
        said = await reader.readexactly(len(ECHO))

    assert said == ECHO


async def test_an_open_socket_keeps_nothing_of_its_handshake_and_talks() -> None:
    echo = Echo()
    async with connected(echo) as (reader, writer):
        echo.open.set()
        await reader.readuntil(b"\r\n\r\n")
        gc.collect()
        kept = [each for each in gc.get_objects() if isinstance(each, Request)]
        writer.write(HELLO)
        said = await reader.readexactly(len(ECHO))

    assert (kept, said) == ([], ECHO)


@pytest.mark.parametrize("odd", [b"X-Twice: 1\r\nX-Twice: 2\r\n", b"Content-Length: 0\r\n"])
async def test_an_odd_handshake_is_read_by_websockets_and_talks_as_well(odd: bytes) -> None:
    echo = Echo()
    async with connected(echo, HANDSHAKE[:-2] + odd + b"\r\n") as (reader, writer):
        await until(echo.asked)
        plain = not isinstance(echo.protocol and echo.protocol.conn, Doorway)
        echo.open.set()
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HELLO)
        said = await reader.readexactly(len(ECHO))

    assert (plain, said) == (True, ECHO)


@pytest.mark.parametrize(
    ("was", "instead", "status"),
    [
        (b"Version: 13", b"Version: 8", b"400"),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhl", b"400"),
        (b"GET", b"POST", b"405"),
        (b"Connection: Upgrade", b"Connection: Upgrade, ;;", b"400"),
        (b"Host: ", b"Sec-WebSocket-Protocol:\r\nHost: ", b"400"),
        (b"Host: ", b"Sec-WebSocket-Protocol: a b;c\r\nHost: ", b"400"),
        (b"Host: ", b"Sec-WebSocket-Protocol: \xe9\r\nHost: ", b"400"),
    ],
)
async def test_a_handshake_that_is_wrong_is_refused(
    was: bytes, instead: bytes, status: bytes
) -> None:
    async with connected(Echo(), HANDSHAKE.replace(was, instead)) as (reader, _):
        answer = await reader.readuntil(b"\r\n")

    assert status in answer


@pytest.mark.parametrize("way", [b"", b"X-Twice: 1\r\nX-Twice: 2\r\n"])
async def test_white_space_after_a_value_is_no_part_of_it(way: bytes) -> None:
    echo = Echo()
    echo.open.set()
    odd = HANDSHAKE.replace(b"13\r\n", b"13\r\nOrigin: http://h \t\r\n" + way)
    async with connected(echo, odd) as (reader, _):
        answer = await reader.readuntil(b"\r\n")

    assert b"101" in answer
    assert echo.headers[b"origin"] == b"http://h"


async def test_both_ways_in_answer_alike() -> None:
    answers = []
    for handshake in (HANDSHAKE, HANDSHAKE[:-2] + b"X-Twice: 1\r\nX-Twice: 2\r\n\r\n"):
        echo = Echo()
        echo.open.set()
        async with connected(echo, handshake) as (reader, _):
            answers.append(sorted((await reader.readuntil(b"\r\n\r\n")).lower().splitlines()))

    assert answers[0] == answers[1]


async def test_a_mailbox_gives_all_in_order_and_wakes_who_found_nothing() -> None:
    mailbox = Mailbox()
    arrival = mailbox.arrival()
    for event in range(3):
        mailbox.put_nowait(event)
    await arrival

    assert [mailbox.get_nowait() for _ in range(3)] == [0, 1, 2]
    assert mailbox.empty()


async def test_a_gate_holds_who_comes_while_it_is_cleared() -> None:
    gate = Gate()
    await gate.wait()
    gate.clear()
    waits = asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    held = not waits.done()
    gate.set()
    await waits

    assert (held, gate.is_set()) == (True, True)
