"""A layer of channels_redis that nobody else uses, and whose connections can be cut for a test."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from chatops.errors import ChatopsError, LayerAway, foreign

if TYPE_CHECKING:
    from chatops.layers.redis import RedisAdapter

_LOGGER = logging.getLogger("channels_redis.pubsub")

_FAREWELL = 1.0
"""Seconds to close connections in, at the most."""


@asynccontextmanager
async def apart(adapter: "RedisAdapter", name: str | None) -> AsyncGenerator["RedisAdapter", None]:
    """Build the layer once more, with queues and connections of its own, and close it after.

    Where a `name` is given, its connections tell it to the server.
    """
    own = type(adapter)(adapter.alias, adapter.backend)
    own.answer_within(adapter.seconds_left)
    if name is not None:
        own.rename(name)
    try:
        with _unheard() if name is not None else nullcontext():
            yield own
    finally:
        await own.close()
        with suppress(ChatopsError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await _disconnect(own)


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep to ourselves what the layer logs of connections that were cut on purpose."""

    def is_other(record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], RedisError | OSError))

    _LOGGER.addFilter(is_other)
    try:
        yield
    finally:
        _LOGGER.removeFilter(is_other)


async def cut(adapter: "RedisAdapter", name: str) -> int:
    """Have each server kill the connections of that name; returns how many they were."""
    from chatops.layers.borrowed import borrowed  # noqa: PLC0415 - it is made of adapters

    killed = 0
    for index in range(len(adapter.hosts)):
        async with borrowed(adapter, index) as client:
            async with adapter.answering():
                clients: Any = await client.client_list()
            for each in clients:
                if each["name"] == name:
                    async with adapter.answering():
                        killed += int(await client.client_kill_filter(_id=each["id"]))
    return killed


async def _disconnect(adapter: "RedisAdapter") -> None:
    """Close the connections of the running loop; both layers' own `flush` may do much more."""
    layer: Any = adapter.layer
    if own := layer._layers.get(asyncio.get_running_loop()):  # noqa: SLF001 - held by a test
        with foreign(LayerAway, "The connections cannot be closed"):
            await own.flush()
