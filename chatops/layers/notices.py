"""What PostgreSQL notifies every process of, on the layer of channels_postgres."""

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chatops.errors import LayerAway, foreign

_CHANNEL = "channels_postgres_messages"


class Notices:
    """One connection of our own that listens, and sorts what it hears by channel.

    Nothing is taken from anybody by listening: the layer notifies every process of every
    message, and each picks out its own.
    """

    def __init__(self, parameters: dict[str, Any], where: Callable[[], str]) -> None:
        self._parameters = parameters
        self._where = where
        self._queues: dict[str, asyncio.Queue[tuple[int, bytes | None] | None]] = {}
        self._connection: Any = None
        self._hearing: asyncio.Task[None] | None = None

    async def hear(self, channel: str) -> None:
        """Keep what is sent to this channel from now on."""
        if self._hearing is None:
            from psycopg import AsyncConnection  # noqa: PLC0415 - only this layer needs it
            from psycopg.conninfo import make_conninfo  # noqa: PLC0415

            self._connection = await AsyncConnection.connect(
                make_conninfo("", **self._parameters), autocommit=True
            )
            await self._connection.execute(f"LISTEN {_CHANNEL}")
            self._hearing = asyncio.create_task(self._hear())
        self._queues.setdefault(channel, asyncio.Queue())

    async def _hear(self) -> None:
        try:
            with foreign(LayerAway, "The connection that listens was lost"):
                async for notice in self._connection.notifies():
                    self._sort(notice.payload)
        finally:
            for queue in self._queues.values():
                queue.put_nowait(None)

    def _sort(self, payload: str) -> None:
        """Read `id:channel:base64:expiry`, or `id:channel` of what is too large to be notified."""
        number, _, rest = payload.partition(":")
        channel, _, rest = rest.partition(":")
        encoded = rest.partition(":")[0]
        if channel in self._queues:
            body = base64.b64decode(encoded) if encoded else None
            self._queues[channel].put_nowait((int(number), body))

    async def next(self, channel: str) -> tuple[int, bytes | None]:
        """Return the number of the next message, and its bytes where it was small."""
        heard = await self._queues[channel].get()
        if heard is None:
            raise LayerAway(f"The channel layer {self._where()} closed the connection.")
        return heard

    async def close(self) -> None:
        """Stop listening."""
        if self._hearing is None:
            return
        self._hearing.cancel()
        with suppress(asyncio.CancelledError, LayerAway):
            await self._hearing
        await self._connection.close()
        self._hearing = None
