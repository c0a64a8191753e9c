"""The pubsub layer's bytes, and the private names by which they are read and written."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import RedisError, ResponseError

from chat.broker import resp
from chat.broker.layer import place, send_all
from chat.broker.subscription import subscription

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import servers

    from chat.broker.subscription import Ear

EVENTS = [("room", {"type": "x", "number": number}) for number in range(50)]


@asynccontextmanager
async def pubsub(broker: servers.Valkey) -> AsyncIterator[RedisPubSubChannelLayer]:
    host = {"address": broker.url, "socket_timeout": None, "protocol": 2}
    layer = RedisPubSubChannelLayer(hosts=[host], prefix="wire")
    try:
        yield layer
    finally:
        await layer.flush()


def test_replies_are_read_however_they_are_cut() -> None:
    data = b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\n\r\n\r\n:3\r\n$-1\r\n+OK\r\n>1\r\n:1\r\n"
    whole = [[b"message", b"a", b"\r\n"], 3, None, b"OK", [1]]

    for cut in range(len(data) + 1):
        first, rest = resp.replies(data[:cut])
        second, nothing = resp.replies(rest + data[cut:])
        assert [*first, *second] == whole
        assert nothing == b""


def test_an_error_of_the_server_is_one_of_redis_py() -> None:
    (error,), _ = resp.replies(b"-NOAUTH Authentication required.\r\n")

    assert isinstance(error, ResponseError)
    assert str(error) == "NOAUTH Authentication required."


async def test_what_the_layer_sends_is_heard_and_what_we_send_the_layer_hears(
    broker: servers.Valkey,
) -> None:
    async with asyncio.timeout(30), pubsub(broker) as layer:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        name, shard = place(layer, "room")
        async with subscription(shard).listen(name) as ear:
            await ear.joined
            for group, event in EVENTS:
                await layer.group_send(group, event)
            await send_all(layer, EVENTS)
            theirs = [await layer.receive(channel) for _ in range(2 * len(EVENTS))]
            ours = await heard(layer, ear, 2 * len(EVENTS))

    assert ours == theirs == [event for _, event in EVENTS * 2]


async def test_who_listens_is_told_that_the_broker_died(broker: servers.Valkey) -> None:
    async with asyncio.timeout(30), pubsub(broker) as layer:
        name, shard = place(layer, "room")
        async with subscription(shard).listen(name) as ear:
            await ear.joined
            broker.kill()
            with pytest.raises((OSError, RedisError)):
                await ear.bodies()
        broker.start()
        async with subscription(shard).listen(name) as ear:
            await ear.joined
            await send_all(layer, EVENTS[:1])
            again = await heard(layer, ear, 1)

    assert again == [EVENTS[0][1]]


async def test_who_listens_is_told_that_the_broker_went_silent(
    broker: servers.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.broker.subscription.ASK_EVERY", 0.2)
    async with asyncio.timeout(30), pubsub(broker) as layer:
        name, shard = place(layer, "room")
        async with subscription(shard).listen(name) as ear:
            await ear.joined
            broker.freeze()
            try:
                with pytest.raises(TimeoutError, match="silent for"):
                    await ear.bodies()
            finally:
                broker.thaw()


async def test_who_listens_where_nobody_speaks_goes_on_listening(
    broker: servers.Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.broker.subscription.ASK_EVERY", 0.5)
    async with asyncio.timeout(30), pubsub(broker) as layer:
        name, shard = place(layer, "room")
        async with subscription(shard).listen(name) as ear:
            await ear.joined
            wire = subscription(shard)._wire
            while wire is not None and wire.heard < 4:  # noqa: ASYNC110 - the broker answers it
                await asyncio.sleep(0.01)
            await send_all(layer, EVENTS[:1])
            again = await heard(layer, ear, 1)

    assert again == [EVENTS[0][1]]


async def test_one_connection_carries_all_rooms_and_closes_after_the_last(
    broker: servers.Valkey,
) -> None:
    async with asyncio.timeout(30), pubsub(broker) as layer:
        name, shard = place(layer, "room")
        other, _ = place(layer, "other")
        shared = subscription(shard)
        async with shared.listen(name) as ear, shared.listen(other) as second:
            await asyncio.gather(ear.joined, second.joined)
            together = await subscribers(shard)
        while await subscribers(shard):  # noqa: ASYNC110 - the broker notices in its own time
            await asyncio.sleep(0.01)

    assert together == 1


async def subscribers(shard: Any) -> int:
    clients = await shard._redis.client_list(_type="pubsub")
    return len(clients)


async def heard(layer: RedisPubSubChannelLayer, ear: Ear, count: int) -> list[object]:
    events: list[object] = []
    while len(events) < count:
        events += [layer.deserialize(body) for body in await ear.bodies()]
    return events
