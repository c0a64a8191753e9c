"""Full queues of a core layer are waited for, and keep nothing from others."""

from __future__ import annotations

import asyncio
import gc
import re
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import brokers
from application import configure, opened
from servers import wait_until
from workers import workers

from chatops.layers.sending import breath, lane
from chatops.layers.spelling import TAP, group_key, queue_key

if TYPE_CHECKING:
    import pytest
    import redis
    from servers import Valkey

    from chatops.layers.base import LayerAdapter

EVENT = {"type": "chat.system", "message": "Back in 5 minutes"}


async def test_a_stuck_process_keeps_nothing_from_the_others(
    broker: redis.Redis, server: Valkey, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PATIENCE", 1.5)
    told: list[str] = []
    with workers(2, server.url, "a") as (stuck, living):
        stuck.freeze()
        async with (
            opened(configure(settings, "core", server.url, capacity=3)) as layer,
            layer.sending(told.append) as send,
        ):
            done = await send(["a"] * 10, [{"type": "t", "n": n} for n in range(10)])
            monkeypatch.setattr(lane, "PATIENCE", 1e9)  # whoever is stuck is not waited for again
            again = await send(["a"], {"type": "t", "n": 10})
        await asyncio.to_thread(wait_until, lambda: len(living.got) == 11, "all messages")
        numbers = [each["n"] for each in living.got]
    broker.flushall()

    assert numbers == list(range(11))
    assert len(done.dropped) in {6, 7}  # one may be in the stuck process's own socket
    assert set(done.dropped.values()) == {1}
    assert [*done.reach] == [2] * 10
    assert again.dropped == {0: 1}
    assert re.fullmatch(r"waiting for (1 process: its queue is|2 .*) full \(3 of 3\)", told[0])


async def test_a_full_queue_is_waited_for_and_never_overrun(
    broker: redis.Redis, server: Valkey, settings: Any
) -> None:
    full = asyncio.Event()
    with workers(1, server.url, "a") as (slow,):
        slow.freeze()
        async with (
            opened(configure(settings, "core", server.url, capacity=3)) as layer,
            layer.sending(lambda _: full.set()) as send,
        ):
            sending = asyncio.create_task(
                send(["a"] * 20, [{"type": "t", "n": n} for n in range(20)])
            )
            await full.wait()
            queued = broker.zcard(queue_key(layer.layer, slow.channel))
            slow.thaw()
            done = await sending
        await asyncio.to_thread(wait_until, lambda: len(slow.got) == 20, "all messages")
        numbers = [each["n"] for each in slow.got]
    broker.flushall()

    assert numbers == list(range(20))
    assert queued == 3
    assert not done.dropped


async def test_ten_thousand_rooms_do_not_wait_for_a_stuck_process(
    broker: redis.Redis, server: Valkey, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PATIENCE", 1.5)
    rooms = [f"chat_{number}" for number in range(10_000)]
    with workers(2, server.url, "last") as (stuck, living):
        stuck.freeze()
        async with opened(configure(settings, "core", server.url, capacity=2)) as layer:
            pipe, now = broker.pipeline(transaction=False), time.time()
            for number, room in enumerate(rooms):
                some = [living, stuck] if number % 10 == 0 else [living]
                joined = {f"{each.name}{number:x}": now for each in some}
                pipe.zadd(group_key(layer.layer, room), joined)
            pipe.execute()
            async with layer.sending() as send:
                done = [await send(rooms[at : at + 1000], EVENT) for at in range(0, 10_000, 1000)]
                await send(["last"], EVENT)
        await asyncio.to_thread(wait_until, lambda: living.got == [EVENT], "the last message")
    broker.flushall()

    assert sum(sum(each.reach) for each in done) == 11_000  # type: ignore[arg-type]
    assert sum(len(each.dropped) for each in done) in {700, 800}
    assert not any(each.failed or each.unsure for each in done)


async def test_a_full_tap_is_neither_waited_for_nor_counted(
    broker: redis.Redis, server: Valkey, settings: Any
) -> None:
    told: list[str] = []
    broker.zadd("asgi:group:a", {f"{TAP}x!1": time.time()})
    async with (
        opened(configure(settings, "core", server.url, capacity=2)) as layer,
        layer.sending(told.append) as send,
    ):
        done = await send(["a"] * 5, [{"type": "t", "n": n} for n in range(5)])
    queued = broker.zcard(f"asgi{TAP}x!")
    broker.flushall()

    assert (queued, told) == (2, [])
    assert not done.dropped
    assert [*done.reach] == [0] * 5


async def test_a_slow_subscriber_is_not_cut_off_by_the_server(settings: Any) -> None:
    waits = asyncio.Event()
    event = {"type": "t", "text": "x" * 10_000}  # a server may count larger ones otherwise
    limit = "--client-output-buffer-limit", "pubsub 10mb 0 0"
    with brokers.broker(*limit) as server, workers(1, server.url, "a", kind="pubsub") as (slow,):
        slow.freeze()
        async with (
            opened(configure(settings, "pubsub", server.url)) as layer,
            layer.sending(lambda _: waits.set()) as send,
        ):
            sending = asyncio.create_task(send(["a"] * 1200, event))
            await waits.wait()
            slow.thaw()
            done = await sending
        await asyncio.to_thread(wait_until, lambda: slow.log.count("got ") == 1200, "all messages")

    assert [*done.reach] == [1] * 1200


async def test_a_stuck_subscriber_is_not_waited_for_for_ever(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breath, "PATIENCE", 0.2)
    told: list[str] = []
    with brokers.broker() as server, workers(1, server.url, "a", kind="pubsub") as (stuck,):
        stuck.freeze()
        async with (
            opened(configure(settings, "pubsub", server.url)) as layer,
            layer.sending(told.append) as send,
        ):
            done = await send(["a"] * 1200, {"type": "t", "text": "x" * 10_000})

    assert not done.failed | done.unsure
    assert len(told) == 1


async def test_memory_does_not_grow_with_the_number_of_rooms(layer: LayerAdapter) -> None:
    async with layer.sending() as send:

        async def thousands(start: int, end: int) -> int:
            for thousand in range(start, end):
                await send([f"chat_{thousand}_{number}" for number in range(1000)], EVENT)
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            before = await thousands(0, 2)
            after = await thousands(2, 12)
        finally:
            tracemalloc.stop()

    assert after - before < 50_000
