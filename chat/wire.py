"""The pubsub layer's connections, read and written in bulk.

What is sent and subscribed to is what the layer would, by its own settings; but it handles each
message by itself, and a busy room's server did little else. The private names that this takes,
the layer's and redis-py's, are held by a test.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from redis.exceptions import RedisError, ResponseError

from chat.resp import Reply, command, commands, replies

MOST = 1 << 18
"""Bytes that are read at once."""


class Wire:
    """One connection of redis-py, which has authenticated and listens to nobody else."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - its class depends on the URL
        self._connection = connection
        self._rest = b""

    def write(self, data: bytes) -> None:
        """Have bytes sent."""
        self._connection._writer.write(data)  # noqa: SLF001 - see above

    async def read(self) -> list[Reply]:
        """Return what has come, once something has; raises an `OSError` at the end."""
        while True:
            data = await self._connection._reader.read(MOST)  # noqa: SLF001
            if not data:
                raise ConnectionResetError("The broker closed the connection.")
            found, self._rest = replies(self._rest + data)
            if found:
                return found

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


class Ear:
    """What has come by one channel and was not yet asked for."""

    def __init__(self) -> None:
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bodies: list[bytes] = []
        self._error: Exception | None = None
        self._woken = asyncio.Event()

    async def bodies(self) -> list[bytes]:
        """Return all that has come, once something has; raises why nothing more will."""
        while not self._bodies:
            if self._error is not None:
                raise self._error
            self._woken.clear()
            await self._woken.wait()
        bodies, self._bodies = self._bodies, []
        return bodies

    def take(self, body: bytes) -> None:
        """Keep a body."""
        self._bodies.append(body)
        self._woken.set()

    def fail(self, error: Exception) -> None:
        """Take note that nothing more will come."""
        self._error = error
        self._woken.set()
        if not self.joined.done():
            self.joined.set_exception(error)
            self.joined.exception()  # it may be that nobody asks any more


class Subscription:
    """One connection for all the channels of one shard that this process listens to."""

    def __init__(self, shard: Any) -> None:  # noqa: ANN401 - see above
        self._shard = shard
        self._ears: dict[bytes, Ear] = {}
        self._wire: Wire | None = None
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listen(self, channel: str) -> AsyncIterator[Ear]:
        """Listen to a channel for as long as the block."""
        name = channel.encode()
        self._ears[name] = ear = Ear()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="chat subscribes")
        elif self._wire is not None:
            self._wire.write(command(b"SUBSCRIBE", name))
        try:
            yield ear
        finally:
            if self._ears.get(name) is ear:
                del self._ears[name]
                if self._wire is not None:
                    self._wire.write(command(b"UNSUBSCRIBE", name))
                if not self._ears and self._task is not None:
                    task, self._task, self._wire = self._task, None, None
                    task.cancel()
                    await asyncio.wait([task])

    async def _run(self) -> None:
        connection = pool_of(self._shard).make_connection()
        wire = Wire(connection)
        try:
            await connection.connect()
            wire.write(command(b"SUBSCRIBE", *self._ears))
            self._wire = wire
            while True:
                for reply in await wire.read():
                    self._take(reply)
        except (RedisError, OSError, ValueError) as error:
            ears, self._ears = self._ears, {}
            self._task = self._wire = None
            for ear in ears.values():
                ear.fail(error)
        finally:
            await wire.close()

    def _take(self, reply: Reply) -> None:
        if isinstance(reply, ResponseError):
            raise reply
        match reply:
            case [b"message", bytes(name), bytes(body)] if ear := self._ears.get(name):
                ear.take(body)
            case [b"subscribe", bytes(name), _] if ear := self._ears.get(name):
                if not ear.joined.done():
                    ear.joined.set_result(None)


_subscriptions: "WeakKeyDictionary[Any, Subscription]" = WeakKeyDictionary()


def subscription(shard: Any) -> Subscription:  # noqa: ANN401 - see above
    """Return the subscription to one shard; a shard belongs to one event loop."""
    if shard not in _subscriptions:
        _subscriptions[shard] = Subscription(shard)
    return _subscriptions[shard]
