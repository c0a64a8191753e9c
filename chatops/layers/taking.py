"""Take messages off a channel's queue on a core layer, and lose none on the way."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis.exceptions import ResponseError

from chatops.errors import ChatopsError, LayerAway
from chatops.layers.base import Arrivals
from chatops.layers.redis import AWAY, RedisAdapter, until_answered
from chatops.layers.spelling import queue_key
from chatops.model.message import Arrival, Hole

_PAUSE = 0.1
"""Seconds between two looks at an empty queue."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """One message off a queue, with what it takes to put it back."""

    host: int
    payload: bytes
    score: float


class Taker:
    """Takes what is on one channel, from every host.

    Not by the layer's own `receive()`: where that is given up it may lose what the server has
    just handed out, it waits on one host at a time, and it hands out again what another process
    is busy with. Nor by a blocking pop, whose answer nobody reads once we are interrupted.
    """

    def __init__(self, adapter: RedisAdapter, channel: str) -> None:
        self._adapter = adapter
        self._layer = adapter.layer
        self._key = queue_key(self._layer, channel)

    async def arrivals(self) -> AsyncGenerator[Sequence[Arrival | Hole], None]:
        """Yield what comes, one by one; and a hole where the server was away."""
        heard = time.monotonic()
        while True:
            try:
                taken = await self._one()
            except LayerAway as away:
                if isinstance(away.__cause__, ResponseError):  # it answers, and will not
                    raise
                yield [AWAY]
                _, hole = await until_answered(self.answer, heard)
                yield [hole]
                heard = time.monotonic()
                continue
            heard = time.monotonic()
            if taken is None:
                await asyncio.sleep(_PAUSE)
            else:
                yield [self._adapter.arrival(taken.payload)]

    async def answer(self) -> None:
        """Ask each host for a sign of life."""
        async with self._adapter.answering():
            for index in range(self._layer.ring_size):
                await self._layer.connection(index).zcard(self._key)

    async def _one(self) -> _Taken | None:
        """Take the oldest message; where we are stopped meanwhile, it goes back."""
        taking = asyncio.ensure_future(self._pop())
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            with suppress(ChatopsError):
                if taken := await taking:
                    await self._put_back(taken)
            raise

    async def _pop(self) -> _Taken | None:
        async with self._adapter.answering():
            for index in range(self._layer.ring_size):
                found: Any = await self._layer.connection(index).zpopmin(self._key)
                for payload, score in found:
                    return _Taken(index, payload, score)
        return None

    async def _put_back(self, taken: _Taken) -> None:
        async with self._adapter.answering():
            pipe = self._layer.connection(taken.host).pipeline(transaction=True)
            pipe.zadd(self._key, {taken.payload: taken.score})
            pipe.expire(self._key, int(self._layer.expiry))
            await pipe.execute()


@asynccontextmanager
async def taking(adapter: RedisAdapter, channel: str) -> AsyncIterator[Arrivals]:
    """Take from the channel for as long as the block runs."""
    taker = Taker(adapter, channel)
    await taker.answer()
    async with aclosing(taker.arrivals()) as arrivals:
        yield arrivals
