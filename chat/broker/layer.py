"""The channel layer: what it means that it is away, and sending many events at once."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from channels.exceptions import ChannelFull
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError

from chat.broker import wire

PATIENCE = 5.0
"""Seconds after which a broker that took the connection but says nothing counts as away."""

AWAY: tuple[type[Exception], ...] = (RedisError, OSError, ChannelFull)
"""What a layer raises while its broker cannot be reached; TimeoutError is an OSError."""

T = TypeVar("T")


async def patiently(call: Awaitable[T]) -> T:
    """Await a call to the layer, and raise one of `AWAY` when it takes too long."""
    async with asyncio.timeout(PATIENCE):
        return await call


async def send_all(layer: Any, events: Sequence[tuple[str, dict[str, Any]]]) -> None:  # noqa: ANN401 - Channels ships no types
    """Send each event to its group, in order.

    The pubsub layer would make a round trip for each, one after the other; what it publishes goes
    out in one here, as the same bytes.
    """
    if type(layer) is not RedisPubSubChannelLayer:
        for group, event in events:
            await layer.group_send(group, event)
        return
    bodies: dict[Any, list[tuple[str, bytes]]] = {}
    places = {group: place(layer, group) for group in {group for group, _ in events}}
    for group, event in events:
        channel, shard = places[group]
        bodies.setdefault(shard, []).append((channel, layer.serialize(event)))
    for shard, published in bodies.items():
        await wire.publish(shard, published)


def place(layer: Any, group: str) -> tuple[str, Any]:  # noqa: ANN401 - see above
    """Return the Redis channel of a pubsub layer's group, and the shard that it is on."""
    inner = layer._get_layer()  # noqa: SLF001 - a test holds these names
    channel = inner._get_group_channel_name(group)  # noqa: SLF001
    return channel, inner._get_shard(channel)  # noqa: SLF001
