"""The pubsub layer's connections, read and written in bulk.

What is sent and subscribed to is what the layer would, by its own settings; but it handles each
message by itself, and a busy room's server did little else. The private names that this takes,
the layer's and redis-py's, are held by a test.
"""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import ResponseError

from chat.broker.resp import Reply, commands, replies

MOST = 1 << 18
"""Bytes that are read at once."""


class Wire:
    """One connection of redis-py, which has authenticated and listens to nobody else."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - its class depends on the URL
        self._connection = connection
        self._rest = b""
        self.heard = 0  # times that something came

    def write(self, data: bytes) -> None:
        """Have bytes sent."""
        self._connection._writer.write(data)  # noqa: SLF001 - see above

    async def read(self) -> list[Reply]:
        """Return what has come, once something has; raises an `OSError` at the end."""
        while True:
            data = await self._connection._reader.read(MOST)  # noqa: SLF001
            if not data:
                raise ConnectionResetError("The broker closed the connection.")
            self.heard += 1
            found, self._rest = replies(self._rest + data)
            if found:
                return found

    def fail(self, error: OSError) -> None:
        """Have whoever reads get an error."""
        self._connection._reader.set_exception(error)  # noqa: SLF001

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.disconnect(nowait=True)


async def publish(shard: Any, published: Sequence[tuple[str, bytes]]) -> None:  # noqa: ANN401 - see above
    """Publish bodies to channels, in order; raises what redis-py raises, and `OSError`."""
    pool = pool_of(shard)
    connection = await pool.get_connection()
    wire = Wire(connection)
    try:
        wire.write(commands((b"PUBLISH", name.encode(), body) for name, body in published))
        left = len(published)
        while left > 0:
            left -= len(_sound(await wire.read()))
    except BaseException:
        await wire.close()  # nobody else must read the answers that may still come
        raise
    finally:
        await pool.release(connection)


def _sound(answers: list[Reply]) -> list[Reply]:
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise answer
    return answers


def pool_of(shard: Any) -> Any:  # noqa: ANN401 - redis-py has several
    """Return the connection pool that a shard of the layer has."""
    shard._ensure_redis()  # noqa: SLF001
    return shard._redis.connection_pool  # noqa: SLF001
