"""Hear one room in one of several ways, and print when the last message came and how many did.

    python benchmarks/tail_reader.py HOW URL core|pubsub COUNT

Ends after the last message, or where nothing came for a while.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bench import ROOT
from django.conf import settings

GROUP = "chat_lobby"
QUIET = 3.0
BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


@asynccontextmanager
async def receive(url: str) -> AsyncIterator[AsyncIterator[int]]:
    """Hear as a consumer does: by the layer's own `receive()`."""
    del url
    from channels.layers import channel_layers  # noqa: PLC0415

    layer = channel_layers.make_backend("default")
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)

    async def one_by_one() -> AsyncIterator[int]:
        while True:
            yield 1 if await layer.receive(channel) else 0

    yield one_by_one()


@asynccontextmanager
async def listen(url: str) -> AsyncIterator[AsyncIterator[int]]:
    """Hear by redis-py, and decode."""
    import msgpack  # noqa: PLC0415
    from redis.asyncio import Redis  # noqa: PLC0415

    subscription = Redis.from_url(url, socket_timeout=None, protocol=2).pubsub()
    await subscription.psubscribe(f"asgi__group__{GROUP}")
    await anext(subscription.listen())

    async def one_by_one() -> AsyncIterator[int]:
        async for each in subscription.listen():
            yield len(msgpack.unpackb(each["data"])) - 2

    yield one_by_one()


def ours(heard: Any) -> Any:  # noqa: ANN401
    """Hear by chatops, batch by batch."""

    @asynccontextmanager
    async def hear(url: str) -> AsyncIterator[AsyncIterator[int]]:
        del url

        async def batches() -> AsyncIterator[int]:
            async for batch in arrivals:
                yield sum(hasattr(each, "body") for each in batch)
                holes = [each for each in batch if not hasattr(each, "body")]
                if holes:
                    print("holes", len(holes), sum(each.missed or 0 for each in holes))

        async with heard.listen() as arrivals:
            yield batches()

    return hear


async def measure(hear: Any, url: str, count: int) -> None:  # noqa: ANN401
    """Count what comes until it is all, or for as long as something comes."""
    seen, last = 0, 0.0
    async with hear(url) as counts:
        print("ready", flush=True)
        coming = asyncio.ensure_future(anext(counts))
        while seen < count:
            done, _ = await asyncio.wait([coming], timeout=QUIET if seen else None)
            if not done:
                break
            seen += coming.result()
            last = time.time()
            coming = asyncio.ensure_future(anext(counts))
        print("seen", seen, last, flush=True)
        coming.cancel()
        await asyncio.wait([coming])


def main(how: str, url: str, kind: str, count: str) -> None:
    """Hear, and measure."""
    sys.path.insert(0, str(ROOT))
    host = {"address": url, "socket_timeout": None, "protocol": 2}
    entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": [host]}}
    settings.configure(CHANNEL_LAYERS={"default": entry})
    if how != "ours":
        asyncio.run(measure({"receive": receive, "listen": listen}[how], url, int(count)))
        return
    from chatops.layers.choose import adapter  # noqa: PLC0415
    from chatops.layers.listening.reading import reading  # noqa: PLC0415
    from chatops.model.watched import Watched  # noqa: PLC0415

    with reading(adapter("default"), Watched(groups=(GROUP,))) as heard:
        asyncio.run(measure(ours(heard), url, int(count)))


if __name__ == "__main__":
    main(*sys.argv[1:])
