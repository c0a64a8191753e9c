"""A connection that redis-py opens, with all that it knows, and that we read as bytes."""

import re
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Gone
from redis.exceptions import NoPermissionError, ResponseError

from chatops.layers.redis import RedisAdapter, let_go

if TYPE_CHECKING:
    import asyncio

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
        writer_of(self._connection).write(data)

    async def read(self) -> bytes:
        """Wait for bytes."""
        if data := await reader_of(self._connection).read(_BULK):
            return data
        raise Gone("the server closed the connection")

    async def exactly(self, expected: bytes) -> None:
        """Read an answer that can be but this one; raises what else the server says."""
        reader = reader_of(self._connection)
        said = await reader.readline()
        check(said)
        said += await reader.readexactly(len(expected) - len(said))
        if said != expected:
            raise Gone(f"it answered {said!r}")

    async def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)
            self._connection = None

    async def close(self) -> None:
        """Hang up for good."""
        await self.hang_up()
        await let_go(self._client)


def packed(*words: str | bytes | int) -> bytes:
    """Spell a command as the server reads it."""
    texts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n%s" % (len(texts), b"".join(b"$%d\r\n%s\r\n" % (len(t), t) for t in texts))


def check(said: bytes) -> None:
    """Raise what redis-py would, where an answer is an error."""
    if said.startswith(b"-"):
        text = said[1:].partition(b"\r\n")[0].decode(errors="replace")
        if text.startswith("NOPERM "):
            raise NoPermissionError(text.removeprefix("NOPERM "))
        raise ResponseError(text)


def reader_of(connection: Any) -> "asyncio.StreamReader":  # noqa: ANN401 - redis-py's
    """Return where a connection of redis-py reads; private there, held by a test."""
    found: asyncio.StreamReader = connection._reader  # noqa: SLF001
    return found


def writer_of(connection: Any) -> "asyncio.StreamWriter":  # noqa: ANN401
    """Return where a connection of redis-py writes; private there, held by a test."""
    found: asyncio.StreamWriter = connection._writer  # noqa: SLF001
    return found
