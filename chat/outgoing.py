"""What waits to be sent over one socket."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

MOST = 2_000_000
"""Characters that may wait; a reader that far behind is closed, and resumes from history.

Twice the longest `history`: whoever is given one can have live messages beside it.
"""

TOO_SLOW = 4013

_GONE = (OSError, RuntimeError)
"""What servers raise when the client has gone or a close was sent already."""


class Outgoing:
    """A bounded buffer before one socket, emptied by a task of its own.

    Whoever puts a text never waits, so nobody waits for a slow reader but that reader itself.
    What gathered while the last frame was sent goes out as one, to clients that know how.
    """

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]], *, paged: bool) -> None:
        self._send = send
        self.paged = paged
        self._texts: list[str] = []
        self._size = 0
        self._code: int | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.open = True

    def start(self) -> None:
        """Begin to send: the handshake is done."""
        self._task = asyncio.create_task(self._run(), name="chat outgoing")

    def put(self, text: str) -> None:
        """Have a JSON text sent, in order; nothing happens where the socket is closed."""
        if not self.open:
            return
        self._texts.append(text)
        self._size += len(text)
        self._wake.set()
        if self._size > MOST:
            before = self._task
            self.abandon()
            self._task = asyncio.create_task(self._farewell(before), name="chat too slow")

    def close(self, code: int) -> None:
        """Have the socket closed once all that waits is sent."""
        if self.open:
            self.open = False
            self._code = code
            self._wake.set()

    def abandon(self) -> None:
        """Send nothing more."""
        self.open = False
        self._texts.clear()
        if self._task is not None:
            self._task.cancel()

    async def drained(self) -> None:
        """Return when nothing more will be sent."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._code is None or self._texts:
                await self._wake.wait()
                self._wake.clear()
                texts, self._texts, self._size = self._texts, [], 0
                for frame in self._frames(texts):
                    await self._send({"type": "websocket.send", "text": frame})
            await self._send({"type": "websocket.close", "code": self._code})
        except _GONE:
            self.open = False

    async def _farewell(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            await self._send({"type": "websocket.close", "code": TOO_SLOW})
        except _GONE:
            return

    def _frames(self, texts: list[str]) -> Sequence[str]:
        if not self.paged or len(texts) < 2:  # noqa: PLR2004 - one is no batch
            return texts
        return ['{"type": "batch", "events": [' + ", ".join(texts) + "]}"]
