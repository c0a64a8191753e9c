"""A connection that redis-py opens, with all that it knows, and that we read as bytes."""

import asyncio
import re
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import NoPermissionError, ResponseError

from chatops.layers.bare import streams
from chatops.layers.redis import RedisAdapter, let_go

_BULK = 1 << 20


class Raw:
    """Bytes from and to one server; credentials, TLS and Sentinels are redis-py's business."""

    def __init__(self, adapter: RedisAdapter, index: int) -> None:
        pool = adapter.pool(index)
        # A connection that came back by itself would hide that messages were missed.
        pool.connection_kwargs.update(retry=Retry(NoBackoff(), 0), retry_on_error=[], protocol=2)
        self._client = Redis(connection_pool=pool)
        self._connection: Any = None

    async def connect(self) -> None:
        """Open it anew."""
        await self.hang_up()
        pool: Any = self._client.connection_pool
        self._connection = pool.make_connection()
        await self._connection.connect()

    async def limited(self) -> int | None:
        """Count the clients that the server cut off because they read too slowly, if it tells."""
        await self._connection.send_command("INFO", "stats")
        try:
            said: bytes = await self._connection.read_response()
        except ResponseError:
            return None
        found = re.search(rb"client_output_buffer_limit_disconnections:(\d+)", said)
        return int(found[1]) if found else None

    def write(self, data: bytes) -> None:
        """Send bytes, without waiting: what we ask is short."""
        self._streams[1].write(data)

    async def read(self) -> bytes:
        """Wait for bytes."""
        if data := await self._streams[0].read(_BULK):
            return data
        raise Gone("the server closed the connection")

    async def gather(self, seconds: float) -> None:
        """Leave bytes where they are for so long: many together are read as cheaply as few."""
        transport: Any = self._streams[1].transport
        transport.pause_reading()
        try:
            await asyncio.sleep(seconds)
        finally:
            transport.resume_reading()

    async def exactly(self, expected: bytes) -> None:
        """Read an answer that can be but this one; raises what else the server says."""
        reader, _ = self._streams
        said = await reader.readline()
        check(said)
        said += await reader.readexactly(len(expected) - len(said))
        if said != expected:
            raise Gone(f"it answered {said!r}")

    @property
    def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if found := streams(self._connection):
            return found
        raise Gone("the connection has no streams to read and write")

    async def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)
            self._connection = None

    async def close(self) -> None:
        """Hang up for good."""
        await self.hang_up()
        await let_go(self._client)


def check(said: bytes) -> None:
    """Raise what redis-py would, where an answer is an error."""
    if said.startswith(b"-"):
        text = said[1:].partition(b"\r\n")[0].decode(errors="replace")
        if text.startswith("NOPERM "):
            raise NoPermissionError(text.removeprefix("NOPERM "))
        raise ResponseError(text)
