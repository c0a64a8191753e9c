"""Many commands go through one connection of redis-py's, whatever it is connected to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import InvalidResponse

from chatops.layers.sending import line, wire
from chatops.layers.sending.replies import Replies

if TYPE_CHECKING:
    import redis
    from application import Application

    from chatops.layers.base import LayerAdapter

EVENT = {"type": "chat.system", "message": "Back in 5 minutes"}


replies = st.recursive(
    st.one_of(st.integers(-(2**63), 2**63), st.binary(max_size=20), st.none()),
    lambda inner: st.lists(inner, min_size=1, max_size=4),
    max_leaves=12,
)


def spelt(reply: Any) -> bytes:
    match reply:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % reply
        case bytes():
            return b"$%d\r\n%b\r\n" % (len(reply), reply)
        case _:
            return b"*%d\r\n%b" % (len(reply), b"".join(map(spelt, reply)))


@given(told=st.lists(replies, max_size=6), size=st.integers(1, 9))
def test_answers_are_read_however_they_are_cut(told: list[Any], size: int) -> None:
    data = b"".join(map(spelt, told))
    read = Replies()
    for start in range(0, len(data), size):
        read.feed(data[start : start + size])

    assert read.whole == told


def test_what_is_no_answer_is_a_servers_error_and_not_ours() -> None:
    with pytest.raises(InvalidResponse, match="HTTP/1"):
        Replies().feed(b"HTTP/1.1 400 Bad Request\r\n")


async def test_redis_py_keeps_its_streams_where_we_look_for_them(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    client: Any = layer.client(0)  # type: ignore[attr-defined]
    connection = await client.connection_pool.get_connection()
    found = line.streams(connection)
    await client.connection_pool.release(connection)

    assert found is not None


async def test_without_those_streams_redis_py_does_the_same(
    layer: LayerAdapter, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "streams", lambda _: None)
    channel = await app.join("a")
    async with layer.sending() as send:
        done = await send(["a", "b"], EVENT)

    assert await app.layer.receive(channel) == EVENT
    assert [*done.reach] == [1, 0]


async def test_a_connection_that_was_closed_meanwhile_is_opened_again(
    layer: LayerAdapter, app: Application, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_IDLE", 0.0)
    known = {each["id"] for each in broker.client_list()}
    async with layer.sending() as send:
        await send(["a"], EVENT)
        for each in broker.client_list():
            if each["id"] not in known:
                broker.client_kill_filter(_id=each["id"])
        channel = await app.join("a")
        done = await send(["a"], EVENT)

    assert await app.layer.receive(channel) == EVENT
    assert not done.failed | done.unsure


async def test_many_may_send_at_the_same_time(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("a")
    async with layer.sending() as send:
        await asyncio.gather(*(send(["a", "b"], {"type": "t", "n": n}) for n in range(30)))

    assert [(await app.layer.receive(channel))["n"] for _ in range(30)] == list(range(30))
