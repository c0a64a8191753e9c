"""All keys of a server that match, in rounds that hold neither it nor us up."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from redis.asyncio import Redis

from chatops.layers.redis import RedisAdapter


async def scanned(
    adapter: RedisAdapter, client: Redis, pattern: str, count: int, kind: str | None = None
) -> AsyncGenerator[Sequence[bytes], None]:
    """Yield what each round of SCAN finds, which may be nothing, and may come twice."""
    cursor: int | None = None
    while cursor != 0:
        async with adapter.answering():
            answer: Any = await client.scan(cursor or 0, match=pattern, count=count, _type=kind)
        cursor, keys = answer
        yield keys
