"""Ghosts: members whose process is gone, told from all that only looks like one, and removed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from findings import one
from servers import wait_until
from workers import bury, workers

from chatops.conf import Conf
from chatops.errors import Exit, Unsupported
from chatops.layers.listening.lease import LEASE
from chatops.layers.spelling import PROBE, queue_key
from chatops.model.finding import Status
from chatops.model.member import Life
from chatops.model.residue import Fate, Left, Pruned, Residue
from chatops.model.rules.broker import GHOSTS
from chatops.model.watched import Watched
from chatops.operations.prune import prune
from chatops.project.rooms import room_names

if TYPE_CHECKING:
    import redis
    from servers import Valkey

    from chatops.layers.base import LayerAdapter

NAMES = room_names(Conf())
only = pytest.mark.parametrize
core = only("kind", ["core"])


async def pruned(
    layer: LayerAdapter, pattern: str = "*", *, do: bool, vouched: bool = True
) -> tuple[list[Residue], Pruned]:
    layer.vouched = vouched
    results = [each async for each in prune(layer, NAMES, pattern, do=do)]
    assert isinstance(results[-1], Pruned)
    return [each for each in results if isinstance(each, Residue)], results[-1]


async def lives(layer: LayerAdapter, group: str, *, vouched: bool = True) -> dict[str, Life]:
    layer.vouched = vouched
    return {each.channel: each.life async for each in layer.members(group)}


@core
async def test_each_member_is_told_with_its_process_and_its_life(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    before = time.time()
    layer.vouched = True
    with workers(2, server.url, "chat_lobby") as (living, dead):
        bury([broker], dead)
        async with layer.listen(Watched(groups=("chat_lobby",))):
            found = {each.channel: each async for each in layer.members("chat_lobby")}

    taps = [each for each in found.values() if each.life is Life.TAP]
    assert len(taps) == 1
    assert len(found) == 3
    assert found[living.channel].life is Life.ALIVE
    assert found[dead.channel].life is Life.GHOST
    assert found[dead.channel].process == dead.name
    joined = found[living.channel].since
    assert joined is not None
    assert before - 1 < joined.timestamp() < time.time() + 1
    assert living.got == []
    broker.flushall()


@core
async def test_rooms_count_their_ghosts_and_say_who_came_first_and_last(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with workers(3, server.url, "chat_lobby", "chat_other") as (living, dead, also_dead):
        bury([broker], dead, also_dead)
        layer.vouched = True
        states = {each.group: each async for each in layer.groups()}
        scores = broker.zrange("asgi:group:chat_lobby", 0, -1, withscores=True)

    state = states["chat_lobby"]
    assert (state.count, state.processes, state.stale) == (3, 3, 2)
    assert state.oldest is not None
    assert state.newest is not None
    assert state.oldest.timestamp() == pytest.approx(scores[0][1], abs=0.001)
    assert state.newest.timestamp() == pytest.approx(scores[-1][1], abs=0.001)
    assert living.process is None
    broker.flushall()


@core
async def test_a_plan_changes_nothing(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with workers(2, server.url, "chat_lobby") as (living, dead):
        bury([broker], dead)
        before = broker.zrange("asgi:group:chat_lobby", 0, -1)
        planned, total = await pruned(layer, do=False)
        after = broker.zrange("asgi:group:chat_lobby", 0, -1)

    assert [(each.channel, each.fate) for each in planned] == [(dead.channel, Fate.PLANNED)]
    assert planned[0].room == "lobby"
    assert "took neither" in planned[0].why
    assert (total.planned, total.exit) == (1, Exit.DONE)
    assert after == before
    assert living.got == []
    broker.flushall()


@core
async def test_ghosts_are_removed_and_the_living_taps_and_other_prefixes_are_not(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with (
        workers(2, server.url, "chat_lobby", "chat_other") as (living, dead),
        workers(1, server.url, "chat_lobby", prefix="asgi-staging") as [neighbour],
    ):
        bury([broker], dead)
        bury([broker], neighbour)
        broker.zadd(f"asgi{dead.name}$inflight", {"copy": 1})
        broker.zadd(f"asgi-staging{neighbour.name}$inflight", {"copy": 1})
        async with layer.listen(Watched(groups=("chat_lobby",))):
            done, total = await pruned(layer, do=True)
            members = await lives(layer, "chat_lobby")
        again, nothing = await pruned(layer, do=True)
        others = broker.zrange("asgi-staging:group:chat_lobby", 0, -1)
        copies = broker.keys("*$inflight")

    assert {each.fate for each in done} == {Fate.REMOVED}
    assert sorted(each.left for each in done) == [Left.INFLIGHT, Left.MEMBER, Left.MEMBER]
    assert (total.removed, total.exit) == (3, Exit.DONE)
    assert sorted(members.values()) == [Life.ALIVE, Life.TAP]
    assert members[living.channel] is Life.ALIVE
    assert (again, nothing.removed) == ([], 0)
    assert others == [neighbour.channel.encode()]
    assert copies == [f"asgi-staging{neighbour.name}$inflight".encode()]
    broker.flushall()


@core
async def test_a_room_is_pruned_alone(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with workers(1, server.url, "chat_lobby", "chat_other") as [dead]:
        bury([broker], dead)
        done, _ = await pruned(layer, "lob*", do=True)

    assert [each.room for each in done] == ["lobby"]
    assert broker.zcard("asgi:group:chat_other") == 1
    broker.flushall()


@core
async def test_a_tap_that_was_there_before_a_ghost_is_not_taken_for_it(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    async with layer.apart() as other, other.listen(Watched(groups=("chat_lobby",))):
        with workers(1, server.url, "chat_lobby") as [dead]:
            dead.kill()
            planned, _ = await pruned(layer, do=False)

    assert [(each.channel, each.fate) for each in planned] == [(dead.channel, Fate.PLANNED)]
    broker.flushall()


@core
async def test_a_process_that_is_stopped_is_no_ghost(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with workers(1, server.url, "chat_lobby") as [stopped]:
        stopped.freeze()
        planned, _ = await pruned(layer, do=False)
        done, total = await pruned(layer, do=True)
        told = await lives(layer, "chat_lobby")
        stopped.thaw()
        await Application(layer.alias).layer.group_send("chat_lobby", {"type": "after"})
        wait_until(lambda: {"type": "after"} in stopped.got, "it goes on as if nothing had been")
        got = stopped.got

    assert told == {stopped.channel: Life.SILENT}
    assert [each.fate for each in planned] == [Fate.KEPT]
    assert [each.fate for each in done] == [Fate.KEPT]
    assert "stopped" in done[0].why
    assert (total.kept, total.exit) == (1, Exit.PARTLY)
    assert got == [{"type": "after"}]
    broker.flushall()


@core
@only("handler", ["wait", "block"])
async def test_a_process_that_is_busy_is_no_ghost(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis, handler: str
) -> None:
    sender = Application(layer.alias)
    with workers(1, server.url, "chat_lobby") as [busy]:
        await sender.layer.group_send("chat_lobby", {"type": handler, "seconds": 60})
        wait_until(lambda: busy.got, "it is busy")
        done, _ = await pruned(layer, do=True)
        told = await lives(layer, "chat_lobby")
    await sender.layer.close_pools()

    assert {each.fate for each in done} == {Fate.KEPT}
    assert "busy" in done[0].why
    assert told == {busy.channel: Life.SILENT}
    broker.flushall()


async def test_what_another_check_asked_does_not_show_their_serializer(
    server: Valkey, broker: redis.Redis, settings: Any
) -> None:
    question = {"type": PROBE, "id": "of another check", "__asgi_channel__": []}
    with workers(1, server.url, "chat_lobby", serializer_format="json") as [other]:
        bury([broker], other)
        async with opened(configure(settings, "core", server.url)) as layer:
            payload = layer.layer.serialize(question)
            broker.zadd(queue_key(layer.layer, other.name), {payload: time.time()})
            told = await lives(layer, "chat_lobby", vouched=False)

    assert told == {other.channel: Life.UNKNOWN}
    broker.flushall()


async def test_where_nothing_shows_their_serializer_nobody_is_asked(
    server: Valkey, broker: redis.Redis, settings: Any
) -> None:
    with workers(1, server.url, "chat_lobby", serializer_format="json") as [other]:
        async with opened(configure(settings, "core", server.url)) as layer:
            told = await lives(layer, "chat_lobby", vouched=False)
            [state] = [each async for each in layer.groups()]
            done, _ = await pruned(layer, do=True, vouched=False)
            finding = await one(layer, GHOSTS)
        sender = Application(configure(settings, "core", server.url, serializer_format="json"))
        await sender.layer.group_send("chat_lobby", {"type": "after"})
        wait_until(lambda: {"type": "after"} in other.got, "it was not harmed")
        got = other.got
        await sender.layer.close_pools()

    assert told == {other.channel: Life.UNKNOWN}
    assert state.stale is None
    assert [each.fate for each in done] == [Fate.KEPT]
    assert "--same-codec" in done[0].why
    assert finding.status is Status.OK
    assert "1 client waits" in finding.detail
    assert got == [{"type": "after"}]
    broker.flushall()


async def test_who_does_not_wait_for_messages_is_missed_without_a_question(
    server: Valkey, broker: redis.Redis, settings: Any
) -> None:
    with workers(2, server.url, "chat_lobby") as (_, dead):
        dead.kill()
        async with (
            opened(configure(settings, "core", server.url)) as layer,
            layer.listen(Watched(groups=("chat_lobby",))),  # which reads, too
        ):
            finding = await one(layer, GHOSTS)

    assert finding.status is Status.WARN
    assert "2 processes have members, but only 1 client waits" in finding.detail
    broker.flushall()


@core
async def test_who_joins_while_it_runs_stays(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    running = Application(layer.alias)
    with workers(3, server.url, "chat_lobby") as dead:
        bury([broker], *dead)
        work = asyncio.create_task(pruned(layer, do=True))
        joined = []
        while not work.done():
            joined.append(await running.join("chat_lobby"))
            await asyncio.sleep(0)
        done, total = await work
        left = {name.decode() for name in broker.zrange("asgi:group:chat_lobby", 0, -1)}

    removed = {each.channel for each in done if each.fate is Fate.REMOVED}
    assert {each.channel for each in dead} <= removed
    assert left == set(joined) - removed
    assert total.removed == len(removed)
    await running.leave()
    await running.layer.close_pools()
    broker.flushall()


async def test_nobody_is_asked_with_another_serializer(
    server: Valkey, broker: redis.Redis, settings: Any
) -> None:
    with workers(1, server.url, "chat_lobby") as [other]:
        other.freeze()
        sender = Application(configure(settings, "core", server.url))
        for _ in range(2):  # the first may be taken for it by the server
            await sender.layer.group_send("chat_lobby", {"type": "queued"})
        configure(settings, "core", server.url, serializer_format="json")
        async with opened("default") as layer:
            told = await lives(layer, "chat_lobby")
            [state] = [each async for each in layer.groups()]
            done, _ = await pruned(layer, do=True)
        other.thaw()
        wait_until(lambda: len(other.got) == 2, "it gets what was queued, and nothing else")
        await sender.layer.close_pools()

    assert told == {other.channel: Life.UNKNOWN}
    assert state.stale is None
    assert [each.fate for each in done] == [Fate.KEPT]
    assert "serializer" in done[0].why
    broker.flushall()


@core
async def test_what_is_removed_by_somebody_else_meanwhile_is_gone(
    layer: LayerAdapter, server: Valkey, broker: redis.Redis
) -> None:
    with workers(1, server.url, "chat_lobby") as [dead]:
        bury([broker], dead)
        layer.vouched = True
        [batch] = [each async for each in layer.residue()]
        broker.delete("asgi:group:chat_lobby")
        [after] = await layer.remove(batch)

    assert after.fate is Fate.GONE
    broker.flushall()


@core
async def test_a_tap_of_a_killed_tail_is_left_to_its_lease(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    score = time.time() - layer.layer.group_expiry + LEASE
    broker.zadd("asgi:group:chat_lobby", {f"chatops.tap.0123.{'0' * 32}!{'0' * 32}": score})
    done, _ = await pruned(layer, do=True)

    assert done == []
    assert broker.zcard("asgi:group:chat_lobby") == 1
    broker.flushall()


@only("kind", ["pubsub"])
async def test_a_layer_without_members_says_so(layer: LayerAdapter) -> None:
    with pytest.raises(Unsupported, match="cannot name the members of a group"):
        layer.members("chat_lobby")
    with pytest.raises(Unsupported, match="cannot tell ghosts from the living"):
        layer.residue()
