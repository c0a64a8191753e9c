"""Sending many events at once, by private names of the pubsub layer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from chat.broker.layer import send_all

if TYPE_CHECKING:
    import servers


@pytest.mark.parametrize("kind", [RedisPubSubChannelLayer, RedisChannelLayer, InMemoryChannelLayer])
async def test_all_events_reach_their_groups_in_order(broker: servers.Valkey, kind: type) -> None:
    host = {"address": broker.url, "socket_timeout": None, "protocol": 2}
    layer = kind() if kind is InMemoryChannelLayer else kind(hosts=[host], prefix="all")
    channels = {group: await layer.new_channel() for group in "ab"}
    for group, channel in channels.items():
        await layer.group_add(group, channel)
    events = [("ab"[number % 2], {"type": "x", "number": number}) for number in range(20)]
    async with asyncio.timeout(30):
        await send_all(layer, events)
        heard = [(group, await layer.receive(channels[group])) for group in "ab" for _ in range(10)]
    for group, channel in channels.items():
        await layer.group_discard(group, channel)
    if kind is not InMemoryChannelLayer:
        await layer.flush()

    assert heard == sorted(events, key=lambda sent: sent[0])
