"""What it means that the channel layer is away."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from channels.exceptions import ChannelFull
from redis.exceptions import RedisError

PATIENCE = 5.0
"""Seconds after which a broker that took the connection but says nothing counts as away."""

AWAY: tuple[type[Exception], ...] = (RedisError, OSError, ChannelFull)
"""What a layer raises while its broker cannot be reached; TimeoutError is an OSError."""

T = TypeVar("T")


async def patiently(call: Awaitable[T]) -> T:
    """Await a call to the layer, and raise one of `AWAY` when it takes too long."""
    async with asyncio.timeout(PATIENCE):
        return await call
