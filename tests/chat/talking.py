"""A WebSocket client of the chat, for tests."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from servers import Site
    from websockets.asyncio.client import ClientConnection

Frame = dict[str, Any]
DEADLINE = 30
PAGE = Subprotocol("chat.v2")


class Talk:
    """One socket: what it says, and what it hears in order."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._batch: list[Frame] = []
        self.welcome: Frame = {}
        self.history: Frame = {}

    async def send(self, frame: object) -> None:
        """Send one frame; what is neither text nor bytes goes as JSON."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def next(self) -> Frame:
        """Return the next frame; those that came as one batch, one by one."""
        while not self._batch:
            async with asyncio.timeout(DEADLINE):
                frame = cast("Frame", json.loads(await self.socket.recv()))
            self._batch = frame["events"] if frame.get("type") == "batch" else [frame]
        return self._batch.pop(0)

    async def ask(self, frame: object) -> Frame:
        """Send one frame and return the one after it."""
        await self.send(frame)
        return await self.next()

    async def closed(self) -> int | None:
        """Wait for the close, and return its code."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return self.socket.close_code


@asynccontextmanager
async def join(  # noqa: PLR0913 - each is one choice a test makes, by name
    site: Site,
    room: str = "lobby",
    *,
    page: bool = True,
    path: str | None = None,
    origin: str | None = None,
    cookie: str | None = None,
    after: int | None = None,
    forwarded: str | None = None,
) -> AsyncIterator[Talk]:
    """Open a socket, as the page does or as a client of the tutorial."""
    headers = {"Origin": origin or site.url, **({"Cookie": cookie} if cookie else {})}
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    query = "" if after is None else f"?after={after}"
    async with connect(
        site.ws_url + (path or f"/ws/chat/{quote(room)}/") + query,
        subprotocols=[PAGE] if page else None,
        additional_headers=headers,
        proxy=None,
    ) as socket:
        talk = Talk(socket)
        if page and path is None:
            talk.welcome = await talk.next()
            talk.history = await talk.next()
            assert (talk.welcome["type"], talk.history["type"]) == ("welcome", "history")
        yield talk


async def still_talks(talk: Talk, text: str) -> None:
    """Say a text, and return when it is heard."""
    await talk.send({"message": text})
    while (await talk.next()).get("message") != text:
        pass


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return as soon as `condition` holds."""
    async with asyncio.timeout(2 * DEADLINE):
        while not await condition():  # noqa: ASYNC110 - what is asked is another process
            await asyncio.sleep(0.05)


GROUP_SEND = """
import asyncio, json, sys
from channels.layers import get_channel_layer
asyncio.run(get_channel_layer().group_send(sys.argv[1], json.loads(sys.argv[2])))
"""


def group_send(site: Site, group: str, event: object) -> None:
    """Send an event from another process, as any project code may."""
    command = [sys.executable, "-c", GROUP_SEND, group, json.dumps(event)]
    subprocess.run(command, env=site.env, check=True, timeout=2 * DEADLINE, cwd=site.root)
