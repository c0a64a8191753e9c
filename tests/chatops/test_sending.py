"""What is sent to many groups at once arrives as if it were sent to each by the layer itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from chatops.layers.spelling import group_key
from chatops.model.room import Unit
from chatops.model.watched import Watched

if TYPE_CHECKING:
    import redis
    from servers import Valkey

    from chatops.layers.base import LayerAdapter

only = pytest.mark.parametrize
FORMATS = {
    "msgpack": {},
    "json": {"serializer_format": "json"},
    "encrypted": {"symmetric_encryption_keys": ["s3cret"]},
}
EVENT = {"type": "chat.system", "message": "Back in 5 minutes"}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
events = st.builds(
    lambda more: {**more, "type": "t"},
    st.dictionaries(texts.filter(lambda key: not key.startswith("__")), values, max_size=3),
)
names = {
    "core": st.from_regex(r"[a-zA-Z0-9._-]{1,60}", fullmatch=True),
    "pubsub": texts.map("g{}".format),
}


@only("how", FORMATS)
@only("kind", ["core", "pubsub"])
def test_every_member_gets_what_group_send_gives_it_in_that_order(
    broker: redis.Redis, server: Valkey, settings: Any, kind: str, how: str
) -> None:
    alias = configure(settings, kind, server.url, **FORMATS[how])
    assert broker.ping()
    with asyncio.Runner() as runner:
        runner.run(_same(alias, ["a", "b", "a"], [{"type": "t", "n": n} for n in range(3)]))
        example = given(groups=st.lists(names[kind], min_size=1, max_size=5), data=st.data())

        @example
        def tried(groups: list[str], data: st.DataObject) -> None:
            sent = st.lists(events, min_size=len(groups), max_size=len(groups))
            runner.run(_same(alias, groups, data.draw(events | sent)))

        effort(max_examples=15)(tried)()


async def _same(alias: str, groups: list[str], event: Any) -> None:
    each = [event] * len(groups) if isinstance(event, dict) else event
    app, other = Application(alias), Application(alias)
    async with opened(alias) as layer:
        for group in dict.fromkeys(groups):
            await app.join(group)
            await other.join(group)
        channels = [channel for _, channel in app._joined]
        counts = [groups.count(group) for group in dict.fromkeys(groups)]
        for group, one in zip(groups, each, strict=True):
            await app.layer.group_send(group, one)
        expected = [
            [await app.layer.receive(channel) for _ in range(count)]
            for channel, count in zip(channels, counts, strict=True)
        ]
        async with layer.sending() as send:
            done = await send(groups, event)
        got = [
            [await app.layer.receive(channel) for _ in range(count)]
            for channel, count in zip(channels, counts, strict=True)
        ]
        await app.leave()
        await other.leave()
        await app.layer.flush()
        await other.layer.flush()

    assert got == expected
    assert [*done.reach] == [2] * len(groups)
    assert not done.dropped | done.failed | done.unsure


# ---------------------------------------------------------------- one member, many groups


async def test_a_member_of_many_groups_gets_each_event_in_its_place(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("a")
    await app.join("c")
    await also(app, "b", channel)
    one, two = {"type": "t", "n": 1}, {"type": "t", "n": 2}
    async with layer.sending() as send:
        await send(["a", "c", "b", "a", "b"], [one, one, one, two, one])
        await send(["a"], two)

    assert [(await app.layer.receive(channel))["n"] for _ in range(5)] == [1, 1, 2, 1, 2]


async def test_ninety_messages_of_one_moment_keep_their_order(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("a")
    async with layer.sending() as send:
        await send(["a"] * 90, [{"type": "t", "n": n} for n in range(90)])

    assert [(await app.layer.receive(channel))["n"] for _ in range(90)] == list(range(90))


@only("kind", ["core"])
async def test_a_channel_of_no_process_gets_a_message_for_each_of_its_groups(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    await also(app, "a", "worker")
    await also(app, "b", "worker")
    async with layer.sending() as send:
        done = await send(["a", "b"], EVENT)

    assert [await app.layer.receive("worker") for _ in range(2)] == [EVENT, EVENT]
    assert [*done.reach] == [1, 1]


async def also(app: Application, group: str, channel: str) -> None:
    await app.layer.group_add(group, channel)
    app._joined.append((group, channel))


# ---------------------------------------------------------------- whom it reached


async def test_taps_get_it_and_are_not_counted(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_a")
    async with layer.listen(Watched(globs=("chat_*",))) as arrivals, layer.sending() as send:
        done = await send(["chat_a", "chat_b"], EVENT)
        batch = await anext(aiter(arrivals))

    assert [*done.reach] == [1, 0]
    assert not done.dropped
    assert batch[0].body == EVENT
    assert await app.layer.receive(channel) == EVENT


@only("kind", ["core"])
async def test_a_member_that_expired_gets_nothing_and_is_not_removed(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    gone, here = await app.join("a"), await app.join("a")
    broker.zadd(group_key(app.layer, "a"), {gone: time.time() - 86400 - 5})
    async with layer.sending() as send:
        done = await send(["a"], EVENT)

    assert (done.unit, [*done.reach]) == (Unit.MEMBERS, [1])
    assert await app.layer.receive(here) == EVENT
    assert broker.zcard(group_key(app.layer, "a")) == 2


async def test_an_event_that_cannot_be_carried_fails_alone(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.join("a")
    async with layer.sending() as send:
        done = await send(["a", "a"], [{"type": "t", "bad": object()}, EVENT])

    assert list(done.failed) == [0]
    assert "serialize" in done.failed[0]
    assert await app.layer.receive(channel) == EVENT


async def test_other_layers_are_sent_to_by_their_public_interface(memory: LayerAdapter) -> None:
    channels = [await memory.layer.new_channel() for _ in range(3)]
    for channel in channels:
        await memory.layer.group_add("a", channel)
    async with memory.sending() as send:
        done = await send(["a", *("b" * 99), "not a name"], EVENT)

    assert [await memory.layer.receive(each) for each in channels] == [EVENT] * 3
    assert [*done.reach] == [3] + [0] * 100
    assert list(done.failed) == [100]


@only("backend", ["Core", "PubSub"])
async def test_a_subclass_that_sends_in_its_own_way_is_sent_by_that(
    broker: redis.Redis, server: Valkey, settings: Any, backend: str
) -> None:
    configure(settings, "core", server.url)
    settings.CHANNEL_LAYERS["default"]["BACKEND"] = f"layers_of_others.Telling{backend}"
    assert broker.ping()
    async with opened("default") as layer, layer.sending() as send:
        done = await send(["a", "b"], EVENT)
        told = layer.layer.told
        await layer.layer.flush()

    assert sorted(told) == ["a", "b"]
    assert [*done.reach] == [0, 0]
