"""All keys of a server that match, in rounds that hold neither it nor us up."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from chatops.layers.redis import RedisAdapter


async def scanned(
    adapter: RedisAdapter, client: Redis, pattern: str, count: int, kind: str | None = None
) -> AsyncGenerator[Sequence[bytes], None]:
    """Yield what each round of SCAN finds, which may be nothing, and may come twice."""
    cursor: int | None = None
    while cursor != 0:
        async with adapter.answering():
            cursor, keys = await _round(client, cursor or 0, pattern, count, kind)
        yield keys


async def _round(client: Redis, cursor: int, pattern: str, count: int, kind: str | None) -> Any:  # noqa: ANN401
    """Leave the kind out where the server does not know it, as Redis 5 does not."""
    try:
        return await client.scan(cursor, match=pattern, count=count, _type=kind)
    except ResponseError as error:
        if kind is None or "syntax error" not in str(error):
            raise
        return await client.scan(cursor, match=pattern, count=count)
