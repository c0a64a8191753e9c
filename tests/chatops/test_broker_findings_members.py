"""Members, queues and residues of real processes: alive, stopped, killed, and slow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import brokers
import pytest
from application import Application, configure, opened
from findings import found, one, one_of, spread
from servers import wait_until
from workers import workers

from chatops.layers.broker.liveness import alive
from chatops.layers.broker.scan import survey
from chatops.layers.spelling import TAP
from chatops.model.finding import Status
from chatops.model.rules import broker as rules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import redis
    from servers import Valkey

only = pytest.mark.parametrize


@pytest.fixture
def kind() -> str:
    return "core"


@pytest.fixture
def emptied(broker: redis.Redis) -> Iterator[redis.Redis]:
    """The broker, on which killed processes may leave what they leave."""
    yield broker
    broker.flushall()


@pytest.fixture
async def core(emptied: redis.Redis, configured: str) -> AsyncIterator[Any]:
    async with opened(configured) as layer:
        layer.vouched = True
        yield layer


# ---------------------------------------------------------------- who lives


async def test_living_processes_answer_and_hand_nothing_to_their_consumers(
    core: Any, server: Valkey, emptied: redis.Redis
) -> None:
    with workers(3, server.url, "chat_a") as running:
        names = [each.name for each in running]
        answers = [await alive(core, names) for _ in range(20)]
        await core.group_send("chat_a", {"type": "real"})
        wait_until(lambda: all(each.got for each in running), "the message after the questions")
        got = [each.got for each in running]

    assert answers == [dict.fromkeys(names, True)] * 20
    assert got == [[{"type": "real"}]] * 3
    assert emptied.keys("*!*") == []


async def test_a_killed_process_does_not_answer_and_nothing_of_ours_stays(
    core: Any, server: Valkey, emptied: redis.Redis
) -> None:
    with workers(2, server.url, "chat_a") as (lives, killed):
        killed.kill()
        answers = await alive(core, [lives.name, killed.name], 0.1)
        left = emptied.keys("*!*")

    assert answers == {lives.name: True, killed.name: False}
    assert left == []


async def test_a_stopped_process_does_not_answer_though_its_socket_takes_a_message(
    core: Any, server: Valkey
) -> None:
    with workers(1, server.url, "chat_a") as [stopped]:
        stopped.freeze()
        frozen = await alive(core, [stopped.name], 0.1)
        stopped.thaw()
        thawed = await alive(core, [stopped.name], 10)

    assert frozen == {stopped.name: False}
    assert thawed == {stopped.name: True}


async def test_the_messages_of_a_dead_process_stay_as_they_were(
    core: Any, server: Valkey, emptied: redis.Redis
) -> None:
    with workers(1, server.url, "chat_a", capacity=10) as [killed]:
        killed.kill()
        for _ in range(12):
            await core.group_send("chat_a", {"type": "real"})
        key = f"asgi{killed.name}"
        before = emptied.zrange(key, 0, -1)
        answers = await alive(core, [killed.name], 0.1)

    assert answers == {killed.name: False}
    assert emptied.zrange(key, 0, -1) == before


@only("count", [49, 50, 100])
async def test_a_full_queue_is_watched_and_gets_nothing_more(
    core: Any, server: Valkey, emptied: redis.Redis, count: int
) -> None:
    with workers(1, server.url, "chat_a") as [stopped]:
        stopped.freeze()
        while emptied.zcard(f"asgi{stopped.name}") < count:  # one may be on its way to it
            await core.group_send("chat_a", {"type": "real"})
        frozen = await alive(core, [stopped.name], 0.1)
        queued = emptied.zcard(f"asgi{stopped.name}")
        stopped.thaw()
        thawed = await alive(core, [stopped.name], 10)

    assert frozen == {stopped.name: False}
    assert queued == count
    assert thawed == {stopped.name: True}


# ---------------------------------------------------------------- ghosts and residue


async def test_members_of_living_processes_are_no_ghosts(core: Any, server: Valkey) -> None:
    with workers(2, server.url, "chat_a", "chat_b"):
        findings = await found(core)

    assert findings["CHO209"].status is Status.OK
    assert findings["CHO209"].detail == "2 processes answered"
    assert {each.status for each in findings.values()} <= {Status.OK, Status.NONE}, findings


async def test_members_of_a_killed_process_are_ghosts(core: Any, server: Valkey) -> None:
    with workers(2, server.url, "chat_a", "chat_b") as (_, killed):
        killed.kill()
        finding = await one(core, rules.GHOSTS)

    assert finding.status is Status.WARN
    assert finding.value == 2
    assert finding.detail.startswith("2 members in 2 groups, of 1 process ")
    assert killed.name in finding.detail
    assert "chatops prune" in (finding.fix or "")


async def test_over_several_hosts_each_process_is_asked_where_it_reads(settings: Any) -> None:
    groups = ["lobby", "support", "news", "games", "music", "help"]
    with brokers.shards(2) as servers:
        urls = [each.url for each in servers]
        spread(settings, "core", *urls)
        with workers(5, urls, *groups) as running:
            running[0].kill()
            async with opened("default") as layer:
                layer.vouched = True
                finding = await one(layer, rules.GHOSTS)
                answers = await alive(layer, [each.name for each in running])
                hosts = {layer.layer.consistent_hash(name) for name in groups}  # type: ignore[attr-defined]

    assert finding.value == 6
    assert list(answers.values()) == [False, True, True, True, True]
    assert hosts == {0, 1}


async def test_who_leaves_while_we_ask_is_no_ghost(
    core: Any, server: Valkey, emptied: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workers(1, server.url, "chat_a") as [leaves]:
        leaves.kill()

        async def left_meanwhile(*asked: Any) -> Any:
            answers = await alive(*asked, 0.1)
            emptied.delete("asgi:group:chat_a")
            return answers

        monkeypatch.setattr("chatops.layers.broker.core.alive", left_meanwhile)
        finding = await one(core, rules.GHOSTS)

    assert finding.status is Status.OK


async def test_taps_and_probes_of_others_are_not_asked(core: Any, server: Valkey) -> None:
    other = Application("default")
    tap = await other.layer.new_channel(prefix=f"{TAP}0")
    await other.layer.group_add("chat_a", tap)
    await other.join("chatops.probe.x")
    finding = await one(core, rules.GHOSTS)
    owners = (await survey(core)).owners

    assert finding.status is Status.OK
    assert owners == []


async def test_what_a_killed_process_had_in_flight_is_residue(
    core: Any, server: Valkey, emptied: redis.Redis
) -> None:
    with workers(2, server.url, "chat_a") as (lives, killed):
        killed.kill()
        for each in (lives, killed):
            message = {"type": "real", "__asgi_channel__": [each.channel]}
            emptied.zadd(f"asgi{each.name}$inflight", {core.layer.serialize(message): time.time()})
        finding = await one(core, rules.RESIDUE)
        wait_until(
            lambda: not emptied.exists(f"asgi{lives.name}$inflight"), "the living to take it back"
        )

    assert finding.status is Status.WARN
    assert finding.value == 1
    assert killed.name in finding.detail
    assert lives.name not in finding.detail


# ---------------------------------------------------------------- backlog


@only(
    ("count", "status"),
    [(1, Status.OK), (4, Status.OK), (5, Status.WARN), (9, Status.WARN), (10, Status.FAIL)],
)
async def test_a_queue_near_its_capacity_is_told(
    emptied: redis.Redis, server: Valkey, settings: Any, count: int, status: Status
) -> None:
    configure(settings, "core", server.url, capacity=10)
    app = Application("default")
    for _ in range(count):
        await app.layer.send("thumbnails", {"type": "t"})

    finding = await one_of("default", rules.BACKLOG)

    assert finding.status is status, finding
    assert f"{count} of 10 messages in thumbnails" in finding.detail
    assert finding.value == count


async def test_a_capacity_of_its_own_counts_for_its_channel(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "core", server.url, channel_capacity={"thumb*": 1000})
    app = Application("default")
    for _ in range(100):
        await app.layer.send("thumbnails", {"type": "t"})

    finding = await one_of("default", rules.BACKLOG)

    assert finding.status is Status.OK


async def test_the_full_queue_of_a_process_that_reads_too_slowly_fails(
    core: Any, server: Valkey
) -> None:
    with workers(1, server.url, "chat_a") as [slow]:
        slow.freeze()
        for _ in range(101):
            await core.group_send("chat_a", {"type": "real"})
        frozen = await one(core, rules.BACKLOG)

    assert frozen.status is Status.WARN
    assert f"100 of 100 messages in {slow.name}, whose process does not answer" in frozen.detail


async def test_a_sorted_set_of_somebody_else_is_no_backlog(core: Any, emptied: redis.Redis) -> None:
    emptied.zadd("asgi_scores", {f"player {number}": time.time() for number in range(200)})
    emptied.set("asgispecific.text", "not a queue")
    findings = await found(core)

    assert findings["CHO211"].detail == "nothing is queued"
    assert findings["CHO214"].status is Status.NONE


# ---------------------------------------------------------------- age


@only(
    ("age", "status"),
    [(0, Status.OK), (70, Status.OK), (85, Status.WARN), (101, Status.FAIL)],
)
async def test_a_living_member_that_is_nearly_forgotten_is_told(
    emptied: redis.Redis, server: Valkey, settings: Any, age: int, status: Status
) -> None:
    configure(settings, "core", server.url, group_expiry=360_000)
    with workers(1, server.url, "chat_a", group_expiry=360_000) as [worker]:
        emptied.zadd("asgi:group:chat_a", {worker.channel: time.time() - age * 3600})
        finding = await one_of("default", rules.DEAF)

    assert finding.status is status, finding
    assert "chat_a" in finding.detail or status is Status.OK


async def test_a_short_age_is_told_in_minutes_or_seconds(
    emptied: redis.Redis, server: Valkey, settings: Any
) -> None:
    configure(settings, "core", server.url, group_expiry=100)
    with workers(1, server.url, "chat_a", group_expiry=100) as [worker]:
        emptied.zadd("asgi:group:chat_a", {worker.channel: time.time() - 85})
        finding = await one_of("default", rules.DEAF)

    assert "joined 1 min ago; in 1" in finding.detail
    assert " s it gets nothing more" in finding.detail


async def test_the_age_of_a_ghost_matters_to_nobody(
    core: Any, server: Valkey, emptied: redis.Redis
) -> None:
    with workers(1, server.url, "chat_a") as [killed]:
        killed.kill()
        emptied.zadd("asgi:group:chat_a", {killed.channel: time.time() - 86_500})
        findings = await found(core)

    assert findings["CHO215"].status is Status.NONE
    assert findings["CHO209"].status is Status.OK


# ---------------------------------------------------------------- key and serializer


@only("config", [{"serializer_format": "json"}, {"symmetric_encryption_keys": ["another"]}])
async def test_what_another_key_or_serializer_has_queued_fails_and_nobody_is_asked(
    core: Any, server: Valkey, settings: Any, config: dict[str, Any]
) -> None:
    with workers(1, server.url, "chat_a", **config) as [worker]:
        assert core.layer  # built before the settings say otherwise
        worker.freeze()
        configure(settings, "core", server.url, **config)
        app = Application("default")
        for _ in range(3):
            await app.layer.group_send("chat_a", {"type": "real"})
        findings = await found(core)
        worker.thaw()
        wait_until(lambda: len(worker.got) == 3, "its messages, and nothing that it cannot read")
        got = worker.got

    assert findings["CHO214"].status is Status.FAIL
    assert findings["CHO209"].status is Status.UNKNOWN
    assert "another key or serializer" in findings["CHO209"].detail
    assert got == [{"type": "real"}] * 3


async def test_what_our_own_key_has_queued_is_readable(core: Any, server: Valkey) -> None:
    app = Application("default")
    await app.layer.send("thumbnails", {"type": "t"})

    finding = await one(core, rules.CODEC)

    assert finding.status is Status.OK
