"""What comes by the pubsub layer's groups, many messages at once; `wire.py` says why."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary, ref

from redis.exceptions import RedisError, ResponseError

from chat.broker.resp import Reply, command
from chat.broker.wire import Wire, pool_of

ASK_EVERY = 5.0
"""Seconds between two questions whether the broker is still there, and for an answer to one.

A firewall, a NAT or a failover may forget a connection without a word to either end; who only
listens would never find out.
"""


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

    def __init__(self, shard: Any) -> None:  # noqa: ANN401 - the layer's own
        self._shard = ref(shard)  # or what is weak below would never let it go
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
        connection = pool_of(self._shard()).make_connection()
        wire = Wire(connection)
        try:
            await connection.connect()
            wire.write(command(b"SUBSCRIBE", *self._ears))
            self._wire = wire
            asking = asyncio.create_task(self._ask(wire), name="chat asks the broker")
            try:
                while True:
                    for reply in await wire.read():
                        self._take(reply)
            finally:
                asking.cancel()
        except (RedisError, OSError, ValueError) as error:
            ears, self._ears = self._ears, {}
            self._task = self._wire = None
            for ear in ears.values():
                ear.fail(error)
        finally:
            await wire.close()

    async def _ask(self, wire: Wire) -> None:
        """Fail where the broker does not answer; needs no permission but that to subscribe."""
        while True:
            heard = wire.heard
            if name := next(iter(self._ears), None):
                wire.write(command(b"SUBSCRIBE", name))
            await asyncio.sleep(ASK_EVERY)
            if name and wire.heard == heard:
                wire.fail(TimeoutError(f"The broker was silent for {ASK_EVERY:g} s."))
                return

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
