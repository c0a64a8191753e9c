"""A tap: a member of a group that watches it, and that falls out by itself."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from chatops.errors import ChatopsError, LayerAway
from chatops.layers.base import Arrivals
from chatops.layers.redis import AWAY, RedisAdapter, until_answered
from chatops.layers.spelling import TAP, group_key, queue_key
from chatops.model.message import Arrival, Hole

LEASE = 30
"""Seconds that a tap stays in the group after its owner was killed."""

_RENEW = 5
_BULK = 1000

# The tap's score is so old that the member expires when the lease ends. A group that has
# nobody else must not outlive the lease either; one that has others keeps its own time, or none.
_JOIN = """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
local left = redis.call('TTL', KEYS[1])
if (left >= 0 and left < tonumber(ARGV[3])) or redis.call('ZCARD', KEYS[1]) == 1 then
    redis.call('EXPIRE', KEYS[1], ARGV[3])
end
"""


class Tap:
    """One tap on one group of a core layer; the queue it drains is its own."""

    def __init__(self, adapter: RedisAdapter, group: str, channel: str) -> None:
        self._adapter = adapter
        self._channel = channel
        layer = adapter.layer
        self._group_key = group_key(layer, group)
        self._queue_key = queue_key(layer, channel)
        self._group_index = layer.consistent_hash(group)
        self._queue_index = layer.consistent_hash(layer.non_local_name(channel))
        self._renewed = 0.0

    def _on(self, index: int) -> Redis:
        client: Redis = self._adapter.layer.connection(index)
        return client

    async def join(self) -> None:
        """Enter the group, or stay in it, for one more lease."""
        async with self._adapter.answering():
            score = time.time() - self._adapter.layer.group_expiry + LEASE
            script: Any = self._on(self._group_index).eval(
                _JOIN, 1, self._group_key, str(score), self._channel, str(LEASE)
            )
            await script
        self._renewed = time.monotonic()

    async def leave(self) -> None:
        """Leave the group and drop what is still queued; a server that is away is let be."""
        try:
            async with self._adapter.answering():
                # Together where they can be: nobody may send to it in between.
                pipe = self._on(self._group_index).pipeline(transaction=True)
                pipe.zrem(self._group_key, self._channel)
                if self._group_index == self._queue_index:
                    pipe.delete(self._queue_key)
                await pipe.execute()
                await self._on(self._queue_index).delete(self._queue_key)
        except ChatopsError:
            return  # the lease ends by itself

    async def _drain(self) -> list[Arrival | Hole]:
        """Take what is queued, in bulk; wait up to a second where there is nothing."""
        async with self._adapter.answering():
            client = self._on(self._queue_index)
            taken: Any = await client.zpopmin(self._queue_key, _BULK)
            if not taken:
                waited: Any = await client.bzpopmin(self._queue_key, timeout=1)
                taken = [waited[1:]] if waited else []
        batch: list[Arrival | Hole] = [self._adapter.arrival(payload) for payload, _ in taken]
        if len(batch) >= self._adapter.layer.get_capacity(self._channel):
            batch.append(Hole(seconds=None, reason="the tap's queue was full: we were too slow"))
        return batch

    async def watch(self) -> Arrivals:
        """Yield what arrives, and a hole for each time in which it could not be seen."""
        while True:
            try:
                late = time.monotonic() - self._renewed - LEASE
                if late > -(LEASE - _RENEW):
                    await self.join()
                if late > 0:
                    yield [Hole(seconds=late, reason="the tap's lease had run out")]
                if batch := await self._drain():
                    yield batch
            except LayerAway:
                yield [AWAY]
                _, hole = await until_answered(self.join)
                yield [hole]


@asynccontextmanager
async def tapped(adapter: RedisAdapter, group: str) -> AsyncIterator[Arrivals]:
    """Hold a tap on the group for as long as the block runs."""
    # A prefix of its own, so that each tap has a queue of its own.
    channel = await adapter.layer.new_channel(prefix=f"{TAP}{uuid.uuid4().hex[:8]}")
    tap = Tap(adapter, group, channel)
    await tap.join()
    try:
        yield tap.watch()
    finally:
        await tap.leave()
