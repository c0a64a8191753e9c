"""Which processes of a core layer read their queues now.

A message for no channel is put into the queue of each: a process that reads takes it and hands
it to nobody. Only safe with the application's own key and serializer: look at `codec` first.
"""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from chatops.layers.homes import by_host
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import PROBE, queue_key

PATIENCE = 0.5
"""Seconds for each of two questions to one process."""

_PAUSES = (0.001, 0.002, 0.005, 0.01, 0.02)
_TAKES, _MISSES = 2, 2


async def alive(
    adapter: RedisAdapter, processes: Sequence[str], patience: float = PATIENCE
) -> Mapping[str, bool]:
    """Tell of each process, named as `specific.<hex>!`, whether it answers.

    One that does has taken two messages: the first may be waiting for a stopped process in a
    socket. One that does not let two lie for `patience` seconds each; it may be dead, stopped,
    busy, or without a consumer that is waiting, and nobody can tell which from outside.
    """
    takes, misses = dict.fromkeys(processes, 0), dict.fromkeys(processes, 0)
    while open_ := [each for each in takes if takes[each] < _TAKES and misses[each] < _MISSES]:
        taken = await _asked(adapter, open_, patience)
        for each in open_:
            (takes if each in taken else misses)[each] += 1
    return {each: count >= _TAKES for each, count in takes.items()}


async def _asked(adapter: RedisAdapter, processes: Sequence[str], patience: float) -> set[str]:
    """Put one message to each on its host; returns who took it in time."""
    homes = by_host(adapter.layer, processes)
    taken = await asyncio.gather(
        *(_Round(adapter, index, here).run(patience) for index, here in homes.items())
    )
    return set().union(*taken)


class _Round:
    """One question to the processes of one host."""

    def __init__(self, adapter: RedisAdapter, index: int, processes: Sequence[str]) -> None:
        self._adapter = adapter
        self._client = adapter.client(index)
        self._open: dict[str, bytes] = {}
        self._put: set[str] = set()
        self._processes = processes

    def _key(self, process: str) -> str:
        return queue_key(self._adapter.layer, process)

    async def run(self, patience: float) -> set[str]:
        """Put the questions, wait, and take back what nobody took."""
        try:
            await self._ask()
            end, pauses = time.monotonic() + patience, iter(_PAUSES)
            pause = 0.0
            while self._open and time.monotonic() < end:
                pause = next(pauses, pause)
                await asyncio.sleep(pause)
                await self._look()
        finally:
            await self._take_back()
        return set(self._processes) - set(self._open)

    async def _ask(self) -> None:
        """Put a message where there is room for it; else watch one that is there already.

        In a queue that is nearly full our message would keep out somebody's.
        """
        fresh = time.time() - self._adapter.layer.expiry / 2
        pipe = self._client.pipeline(transaction=False)
        for each in self._processes:
            pipe.zcard(self._key(each))
            pipe.zrangebyscore(self._key(each), fresh, "+inf", start=0, num=1)
            pipe.zrange(self._key(each), 0, 0)
        async with self._adapter.answering():
            answers = await pipe.execute()
        pipe = self._client.pipeline(transaction=True)
        for each, (count, fresh_ones, oldest) in zip(
            self._processes, zip(*[iter(answers)] * 3, strict=True), strict=True
        ):
            if count >= self._adapter.layer.get_capacity(each) / 2:
                for message in fresh_ones or oldest:  # none: it was read in this moment
                    self._open[each] = message
                continue
            self._open[each] = self._question()
            self._put.add(each)
            pipe.zadd(self._key(each), {self._open[each]: time.time()})
            pipe.expire(self._key(each), self._adapter.layer.expiry)
        async with self._adapter.answering():
            await pipe.execute()

    def _question(self) -> bytes:
        event = {"type": PROBE, "id": uuid.uuid4().hex, "__asgi_channel__": []}
        return bytes(self._adapter.layer.serialize(event))

    async def _look(self) -> None:
        pipe = self._client.pipeline(transaction=False)
        for each, message in self._open.items():
            pipe.zscore(self._key(each), message)
        async with self._adapter.answering():
            self._close(await pipe.execute())

    async def _take_back(self) -> None:
        """Remove our own messages by their exact text; who took one until now answered, too."""
        pipe = self._client.pipeline(transaction=False)
        left = {each: message for each, message in self._open.items() if each in self._put}
        for each, message in left.items():
            pipe.zrem(self._key(each), message)
        async with self._adapter.answering():
            removed: list[Any] = await pipe.execute()
        for each, count in zip(left, removed, strict=True):
            if not count:
                del self._open[each]

    def _close(self, scores: Sequence[float | None]) -> None:
        for each, score in zip(list(self._open), scores, strict=True):
            if score is None:
                del self._open[each]
