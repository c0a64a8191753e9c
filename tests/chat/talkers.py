"""People who keep talking whatever happens to the servers, and remember all they heard."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from collections.abc import Sequence

    from servers import Site
    from websockets.asyncio.client import ClientConnection

Frame = dict[str, Any]

PAUSE = 0.25  # between two messages: below what the server calls a flood
PATIENCE = 2.0  # for a receipt, before the same is said again


class Talker:
    """A client that does what PROTOCOL.md asks: resumes by number, repeats under the same ref."""

    def __init__(self, name: str, sites: Sequence[Site], cookie: str) -> None:
        self.name = name
        self.sites = sites
        self.cookie = cookie
        self.seen: list[tuple[int, str, str]] = []  # number, id, text
        self.receipts: dict[str, int] = {}
        self.connections = self.repeats = self.refused = 0
        self.faults: list[str] = []
        self.quiet = False  # say nothing new
        self._said = 0
        self._stays = 80 + zlib.crc32(name.encode()) % 80  # messages at one server
        self._repeated: Counter[str] = Counter()
        self._open: dict[str, float] = {}  # refs without a receipt, and when they were said

    @property
    def last(self) -> int:
        return self.seen[-1][0] if self.seen else 0

    @property
    def done(self) -> bool:
        return self.quiet and not self._open

    async def talk(self, room: str) -> None:
        """Talk until cancelled."""
        turn = self._stays
        while True:
            site = self.sites[turn % len(self.sites)]
            turn += 1
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._visit(f"{site.ws_url}/ws/chat/{room}/?after={self.last}", site.url)
            await asyncio.sleep(0.1)

    async def _visit(self, url: str, origin: str) -> None:
        async with connect(
            url,
            subprotocols=["chat.v2"],  # type: ignore[list-item]
            additional_headers={"Origin": origin, "Cookie": self.cookie},
            proxy=None,
            open_timeout=PATIENCE,
            close_timeout=0.1,
        ) as socket:
            self.connections += 1
            for ref in self._open:
                self._open[ref] = 0  # nobody knows whether it arrived
            speaking = asyncio.create_task(self._speak(socket))
            until = self.last + self._stays
            try:
                while self.last < until:  # then it is somebody else's server
                    async with asyncio.timeout(PATIENCE):
                        self._hear(json.loads(await socket.recv()))
            finally:
                speaking.cancel()

    async def _speak(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        with suppress(WebSocketException):
            while True:
                overdue = [r for r, at in self._open.items() if at < loop.time() - PATIENCE]
                if overdue:
                    ref = overdue[0]
                    self.repeats += 1
                    self._repeated[ref] += 1
                elif not self.quiet:
                    ref = f"{self.name}-{self._said}"
                    self._said += 1
                else:
                    ref = ""
                if ref:
                    self._open[ref] = loop.time()
                    await socket.send(json.dumps({"message": f"says {ref}", "ref": ref}))
                else:
                    await socket.send('{"ping": true}')
                await asyncio.sleep(PAUSE)

    def _hear(self, frame: Frame) -> None:
        match frame["type"]:
            case "welcome" if frame["gap"]:
                self.faults.append(f"a gap after {self.last}")
            case "history" | "batch":
                for event in frame["events"]:
                    self._hear(event)
            case "message":
                self._message(frame)
            case "error":
                self.refused += 1
                self._open[frame["ref"]] = 0

    def _message(self, frame: Frame) -> None:
        number, ref = frame["number"], frame["ref"]
        if ref:
            was = self.receipts.setdefault(ref, number)
            if was != number:
                self.faults.append(f"{ref} is both {was} and {number}")
            self._open.pop(ref, None)
            if number <= self.last and self._repeated[ref]:
                self._repeated[ref] -= 1
                return  # the answer to a repeat
        self.seen.append((number, frame["id"], frame["message"]))
