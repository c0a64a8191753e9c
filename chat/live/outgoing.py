"""What waits to be sent over one socket."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from chat.live.eager import Rest, begin
from chat.live.turn import Frames, turn

MOST = 2_000_000
"""Characters that may wait; a reader that far behind is closed, and resumes from history.

Twice the longest `history`: whoever is given one can have live messages beside it.
"""

TOO_SLOW = 4013

_GONE = (OSError, RuntimeError)
"""What servers raise when the client has gone or a close was sent already."""


class Outgoing:
    """A bounded buffer before one socket, emptied once in each turn of the loop.

    Whoever puts a text never waits, so nobody waits for a slow reader but that reader itself, who
    gets a task for as long as its server's `send` waits. What gathered goes out as one frame, to
    clients that know how.
    """

    __slots__ = (
        "_code",
        "_due",
        "_send",
        "_size",
        "_started",
        "_task",
        "_texts",
        "_turn",
        "open",
        "paged",
    )

    def __init__(
        self, send: Callable[[dict[str, Any]], Coroutine[Any, Any, None]], *, paged: bool
    ) -> None:
        self._send = send
        self.paged = paged
        self._texts: list[str] = []
        self._size = 0
        self._code: int | None = None
        self._turn = turn()
        self._task: asyncio.Task[None] | None = None
        self._started = self._due = False
        self.open = True

    @property
    def waits(self) -> bool:
        """Whether something is not written yet."""
        return bool(self._texts) or self._task is not None

    def start(self) -> None:
        """Begin to send: the handshake is done."""
        self._started = True
        self._soon()

    def put(self, text: str) -> None:
        """Have a JSON text sent, in order; nothing happens where the socket is closed."""
        self.put_all((text,), len(text))

    def put_all(self, texts: Sequence[str], size: int) -> None:
        """Have several sent, which have so many characters together."""
        if not self.open:
            return
        self._texts += texts
        self._size += size
        if self._size > MOST:
            before = self._task
            self.abandon()
            self._task = asyncio.create_task(self._farewell(before), name="chat too slow")
        elif not self._due:
            self._soon()

    def close(self, code: int) -> None:
        """Have the socket closed once all that waits is sent."""
        if self.open:
            self.open = False
            self._code = code
            self._soon()

    def abandon(self) -> None:
        """Send nothing more."""
        self.open = False
        self._texts = []
        self._code = None
        if self._task is not None:
            self._task.cancel()

    async def drained(self) -> None:
        """Return when nothing more will be sent."""
        if self._task is None:
            self.flush(Frames())
        if self._task is not None:
            await asyncio.wait([self._task])

    def _soon(self) -> None:
        # With a task, that goes on with whatever gathers.
        if self._started and self._task is None:
            self._due = True
            self._turn.add(self)

    def flush(self, frames: Frames) -> None:
        """Send what gathered; `frames` are those that were made for others in this turn."""
        self._due = False
        if self._task is not None or not self._started:
            return
        try:
            while message := self._next(frames):
                if rest := begin(self._send(message)):
                    self._task = asyncio.create_task(self._go_on(rest), name="chat outgoing")
                    return
        except _GONE:
            self.open = False

    def _next(self, frames: Frames) -> dict[str, Any] | None:
        """Take what is to be sent next."""
        if texts := self._texts:
            if not self.paged or len(texts) == 1:
                text = texts.pop(0)
                self._size -= len(text)
                return {"type": "websocket.send", "text": text}
            self._texts, self._size = [], 0
            return {"type": "websocket.send", "text": frames.batch(texts)}
        if self._code is None:
            return None
        code, self._code = self._code, None
        return {"type": "websocket.close", "code": code}

    async def _go_on(self, rest: Rest) -> None:
        try:
            await rest
            while message := self._next(Frames()):
                await self._send(message)
        except _GONE:
            self.open = False
        finally:
            if self.open:
                self._task = None

    async def _farewell(self, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            await self._send({"type": "websocket.close", "code": TOO_SLOW})
        except _GONE:
            return
