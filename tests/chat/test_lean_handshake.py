"""What the site's WebSocket protocol keeps of a handshake, and what it waits with."""

from __future__ import annotations

import asyncio
import gc
import inspect
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from talking import until
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

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

    assert {*Lean.__slots__} - {"early"} == names


class Echo:
    """An application that lets nobody in before it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.protocol: Lean | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Say what is said."""
        scope = dict(scope)  # as Channels' router does
        await receive()
        await self.open.wait()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})

    def protocols(self) -> Lean:
        """Make the protocol of the one socket that there is."""
        config = Config(self, ws_per_message_deflate=False, log_config=None)
        config.load()
        self.protocol = Lean(config=config, server_state=ServerState(), app_state={})
        return self.protocol

    async def early(self) -> bool:
        """Tell whether something came before the handshake was done."""
        return self.protocol is not None and self.protocol.early

    async def asked(self) -> bool:
        """Tell whether the client's half of the handshake has come."""
        return self.protocol is not None and self.protocol.handshake_initiated


@asynccontextmanager
async def connected(
    echo: Echo,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    server = await asyncio.get_running_loop().create_server(echo.protocols, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(HANDSHAKE)
    await until(echo.asked)
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


async def test_a_mailbox_gives_all_in_order_also_to_who_came_first() -> None:
    mailbox = Mailbox()
    reader = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    for event in range(3):
        mailbox.put_nowait(event)

    assert [await reader, await mailbox.get(), await mailbox.get()] == [0, 1, 2]
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
