"""A connection for one purpose, which nobody else uses and which is closed after it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from chatops.layers.redis import RedisAdapter, let_go


@asynccontextmanager
async def borrowed(
    adapter: RedisAdapter,
    index: int,
    **options: Any,  # noqa: ANN401 - redis-py's
) -> AsyncGenerator[Redis, None]:
    """Lend a client to one server, made as the layer makes its own but for these options."""
    pool = adapter.pool(index)
    pool.connection_kwargs.update(options)
    client = Redis(connection_pool=pool)
    try:
        yield client
    finally:
        await let_go(client)
