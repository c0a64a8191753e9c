"""A connection to one server of a layer, opened when it is needed, and again when it was lost."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from chatops.errors import ChatopsError
from chatops.layers.bare import packed
from chatops.layers.sending.line import Line
from chatops.layers.sending.replies import Reply

if TYPE_CHECKING:
    from chatops.layers.redis import RedisAdapter

_IDLE = 1.0
"""Seconds after which a connection may be closed at the other end; and to find that out in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a server answered, in order, and by what the rest was prevented.

    `begun` tells whether it may have done what it did not answer.
    """

    answers: Sequence[Reply] = field(default_factory=list)
    away: ChatopsError | None = None
    begun: bool = False


class Wire:
    """Asks one server many things at once."""

    def __init__(self, adapter: "RedisAdapter", index: int) -> None:
        self._adapter = adapter
        self._client = Redis(connection_pool=adapter.pool(index))
        self._line: Line | None = None
        self._used = 0.0
        self._writing = asyncio.Lock()

    async def ask(self, commands: Iterable[bytes], count: int) -> Said:
        """Send packed commands, piece by piece as they are made, and wait for so many answers.

        Others may ask meanwhile: the server need not wait for us.
        """
        answers: list[Reply] = []
        line: Line | None = None
        try:
            async with self._writing:
                line = await self._open()
                await line.write(commands)
            await line.read(count, answers)
        except ChatopsError as error:
            return Said(answers=answers, away=error, begun=line is not None)
        finally:
            self._used = time.monotonic()
            if line and (len(answers) < count or line.is_replica):
                await self._drop(line)  # a Sentinel is asked again for the primary
        return Said(answers=answers)

    async def close(self) -> None:
        """Close the connection, and what its pool has open."""
        from chatops.layers.redis import let_go  # noqa: PLC0415 - it imports us

        if self._line is not None:
            await self._drop(self._line)
        await let_go(self._client)

    async def _open(self) -> Line:
        if self._line and time.monotonic() - self._used > _IDLE:
            await self._look(self._line)
        if self._line is None:
            pool: Any = self._client.connection_pool
            async with self._adapter.answering():
                self._line = Line(await pool.get_connection(), self._adapter.answering)
        return self._line

    async def _look(self, line: Line) -> None:
        """Let go of a connection that does not answer any more."""
        try:
            async with asyncio.timeout(_IDLE):
                await line.write([packed(b"PING")])
                await line.read(1, [])
        except (ChatopsError, TimeoutError):
            await self._drop(line)

    async def _drop(self, line: Line) -> None:
        if line.is_cut:
            return
        line.is_cut = True
        if self._line is line:
            self._line = None
        await line.connection.disconnect(nowait=True)
        await self._client.connection_pool.release(line.connection)
