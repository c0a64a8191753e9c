"""An open connection of redis-py's, written to and read from in bulk.

redis-py opens it, and so knows of TLS, passwords and Sentinels; what it is slow at, which is
packing commands and reading answers one by one, is not left to it.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

from redis.exceptions import ResponseError

from chatops.layers.bare import streams
from chatops.layers.sending.replies import Replies, Reply

_BULK = 1 << 20

Patience = Callable[[], AbstractAsyncContextManager[None]]
"""Gives a server its time for one step, and translates what goes wrong."""


class Line:
    """Answers come in the order of the questions, and many may be on their way."""

    def __init__(self, connection: Any, patience: Patience) -> None:  # noqa: ANN401 - by version
        self.connection = connection
        self._patience = patience
        self.is_cut = False
        self._streams = streams(connection)
        self._replies = Replies()
        self._turn = asyncio.Lock()

    @property
    def is_replica(self) -> bool:
        """Tell whether it said that it takes no writes."""
        return self._replies.is_replica

    async def write(self, commands: Iterable[bytes]) -> None:
        """Send packed commands, piece by piece as they are made."""
        for piece in commands:
            async with self._patience():
                await self._write(piece)

    async def _write(self, piece: bytes) -> None:
        if self._streams is None:
            await self.connection.send_packed_command([piece], check_health=False)
        else:
            self._streams[1].write(piece)
            await self._streams[1].drain()

    async def read(self, count: int, answers: list[Reply]) -> None:
        """Add so many answers, those to the questions before them once those were read."""
        async with self._turn:
            whole = self._replies.whole
            try:
                while len(whole) < count:
                    async with self._patience():
                        await self._more()
            finally:
                answers += whole[:count]
                del whole[:count]

    async def _more(self) -> None:
        if self.is_cut:
            raise ConnectionError("connection lost")
        if self._streams is None:
            self._replies.whole.append(await self._one())
        elif data := await self._streams[0].read(_BULK):
            self._replies.feed(data)
        else:
            raise ConnectionError("connection closed by server")

    async def _one(self) -> Reply:
        """Read one answer as redis-py does."""
        try:
            return await self.connection.read_response(disable_decoding=True)
        except ResponseError as error:
            return error
