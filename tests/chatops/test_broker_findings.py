"""What a server says of itself: broken for real, and quiet where it is sound."""

from __future__ import annotations

import re
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import brokers
import pytest
from application import Application, configure, opened
from findings import found, one, one_of, spread
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import OutOfMemoryError
from servers import wait_until

from chatops.errors import LayerAway
from chatops.layers.redis import let_go
from chatops.model.finding import Status
from chatops.model.rules import broker as rules

if TYPE_CHECKING:
    import redis
    from servers import Valkey

only = pytest.mark.parametrize
QUIET = {Status.OK, Status.NONE}


@only("protocol", [2, 3])
async def test_a_healthy_broker_is_quiet(
    broker: redis.Redis, server: Valkey, settings: Any, kind: str, protocol: int
) -> None:
    configure(settings, kind, server.url)
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["protocol"] = protocol

    async with opened("default") as layer:
        findings = await found(layer)

    assert {each.status for each in findings.values()} <= QUIET, findings
    assert findings["CHO201"].detail.startswith(("Valkey ", "Redis "))


async def test_several_healthy_brokers_are_quiet(settings: Any, kind: str) -> None:
    with brokers.shards(2) as servers:
        async with opened(spread(settings, kind, *(each.url for each in servers))) as layer:
            findings = await found(layer)

    assert {each.status for each in findings.values()} <= QUIET, findings


async def test_of_several_brokers_the_worst_is_named(settings: Any, kind: str) -> None:
    with brokers.shards(2) as servers, ExitStack() as held:
        servers[1].ask("CONFIG", "SET", "maxclients", "10")
        hold(held, servers[1], 8)
        finding = await one_of(
            spread(settings, kind, *(each.url for each in servers)), rules.CLIENTS
        )

    assert finding.status is Status.WARN
    assert str(servers[1].socket) in finding.detail


async def test_a_broker_that_is_away_is_unknown(settings: Any, kind: str) -> None:
    with brokers.shards(2) as servers:
        async with opened(spread(settings, kind, *(each.url for each in servers))) as layer:
            servers[0].kill()
            finding = await one(layer, rules.VERSION)

    assert finding.status is Status.UNKNOWN
    assert str(servers[0].socket) in finding.detail


# ---------------------------------------------------------------- version, role, cluster, clock


async def test_a_redis_that_is_too_old_fails(server: Valkey, settings: Any) -> None:
    def older(data: bytes) -> bytes:
        data = re.sub(rb"redis_version:\d.\d.\d", b"redis_version:4.0.9", data)
        return data.replace(b"valkey_version:", b"unknown_versio:")

    async with brokers.rewritten(server, older) as url:
        finding = await one_of(configure(settings, "core", url), rules.VERSION)

    assert finding.status is Status.FAIL
    assert "Redis 4.0.9" in finding.detail


async def test_a_replica_fails_and_its_primary_does_not(settings: Any, kind: str) -> None:
    with brokers.pair() as (primary, replica):
        wrong = await one_of(configure(settings, kind, replica.url), rules.ROLE)
        right = await one_of(configure(settings, kind, primary.url), rules.ROLE)

    assert wrong.status is Status.FAIL
    assert f"replica of 127.0.0.1:{primary.port}" in wrong.detail
    assert right.status is Status.OK


async def test_what_is_published_on_a_replica_stays_there(settings: Any) -> None:
    with (
        brokers.pair() as (primary, replica),
        primary.client() as client,
        client.pubsub() as above,
    ):
        above.subscribe("a")
        above.get_message(timeout=5)
        replica.ask("PUBLISH", "a", "lost")
        primary.ask("PUBLISH", "a", "heard")
        message = above.get_message(timeout=5)

    assert message is not None
    assert message["data"] == b"heard"


async def test_a_server_that_loads_its_data_fails(settings: Any, kind: str) -> None:
    with brokers.broker() as server:
        with server.client() as client:
            client.mset({f"k{number}": "v" for number in range(10_000)})
            client.save()
        server.stop()
        server.command += ["--key-load-delay", "1000", "--loading-process-events-interval-bytes"]
        server.command += ["1024"]
        server.spawn()
        wait_until(lambda: loads(server), "a server that loads")
        finding = await one_of(configure(settings, kind, server.url), rules.ROLE)

    assert finding.status is Status.FAIL
    assert "loading" in finding.detail


def loads(server: brokers.Broker) -> bool:
    try:
        return bool(server.info()["loading"])
    except RedisAway:
        return False


async def test_sentinels_lead_to_a_primary_and_all_is_quiet(settings: Any, kind: str) -> None:
    with brokers.watched() as (_, _, sentinels):
        configure(settings, kind, "")
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [
            {
                "sentinels": [("127.0.0.1", each.port) for each in sentinels],
                "master_name": "mymaster",
                "socket_timeout": None,
                "protocol": 2,
            }
        ]
        async with opened("default") as layer:
            findings = await found(layer)
            await let_go(layer.client(0))  # type: ignore[attr-defined] # of any layer on Redis

    assert {each.status for each in findings.values()} <= QUIET, findings
    assert findings["CHO202"].detail == "primary"


async def test_the_core_layer_cannot_run_on_a_cluster_and_pubsub_can(settings: Any) -> None:
    with brokers.cluster(3) as nodes:
        async with opened(configure(settings, "core", nodes[0].tcp)) as core:
            failing = await one(core, rules.CLUSTER)
            errors = [await attempt(core, number) for number in range(20)]
        async with opened(configure(settings, "pubsub", nodes[0].tcp)) as pubsub:
            passing = await one(pubsub, rules.CLUSTER)
            heard = await heard_on(settings, pubsub, nodes[1].tcp)

    assert failing.status is Status.FAIL
    assert any(isinstance(error, LayerAway) for error in errors)
    assert passing.status is Status.OK
    assert heard == {"type": "t"}


async def attempt(layer: Any, number: int) -> Exception | None:
    try:
        await layer.group_discard(f"chat_{number}", await layer.new_channel())
    except LayerAway as error:
        return error
    return None


async def heard_on(settings: Any, sender: Any, url: str) -> Any:
    """Send to a group whose member is on another node."""
    configure(settings, "pubsub", url)
    member = Application("default")
    channel = await member.join("chat_a")
    await sender.group_send("chat_a", {"type": "t"})
    got = await member.layer.receive(channel)
    await member.layer.flush()
    return got


@only(
    ("seconds", "status"),
    [(0, Status.OK), (5, Status.WARN), (-5, Status.WARN), (-100, Status.FAIL), (100, Status.FAIL)],
)
async def test_a_clock_that_differs_is_told(
    server: Valkey, settings: Any, seconds: int, status: Status
) -> None:
    async with brokers.rewritten(server, brokers.clock_set_by(seconds)) as url:
        finding = await one_of(configure(settings, "core", url), rules.CLOCK)

    assert finding.status is status, finding
    assert ("behind" in finding.detail) is (seconds > 0)


# ---------------------------------------------------------------- memory, clients, buffers


async def test_memory_that_runs_out_is_told(settings: Any) -> None:
    with brokers.broker("--maxmemory", "20mb") as server:
        alias = configure(settings, "core", server.url)
        findings = [await one_of(alias, rules.MEMORY)]
        for share in (0.82, 0.96):
            fill(server, share)
            findings.append(await one_of(alias, rules.MEMORY))

    assert [each.status for each in findings] == [Status.OK, Status.WARN, Status.FAIL]
    assert findings[2].unit == "%"
    assert 95 <= (findings[2].value or 0) < 120


async def test_the_pubsub_layer_goes_on_where_memory_is_full(settings: Any) -> None:
    with brokers.broker("--maxmemory", "20mb") as server:
        with pytest.raises(OutOfMemoryError):
            fill(server, 2)
        async with opened(configure(settings, "pubsub", server.url)) as layer:
            finding = await one(layer, rules.MEMORY)
            app = Application("default")
            channel = await app.join("chat_a")
            await layer.group_send("chat_a", {"type": "t"})
            got = await app.layer.receive(channel)
            await app.layer.flush()

    assert finding.status is Status.OK
    assert got == {"type": "t"}


def fill(server: brokers.Broker, share: float) -> None:
    """Store until this share of `maxmemory` is used."""
    with server.client() as client:
        for number in range(1000):
            told = client.info("memory")
            if told["used_memory"] - told["mem_not_counted_for_evict"] >= share * 20 * 1024**2:
                return
            client.set(f"{share}-{number}", b"x" * 128 * 1024)


@only(
    ("policy", "status"),
    [("noeviction", Status.OK), ("volatile-lru", Status.WARN), ("allkeys-lfu", Status.WARN)],
)
async def test_an_eviction_policy_is_told_where_memory_has_a_limit(
    settings: Any, policy: str, status: Status
) -> None:
    with brokers.broker("--maxmemory-policy", policy) as server:
        alias = configure(settings, "core", server.url)
        without_limit = await one_of(alias, rules.EVICTION)
        server.ask("CONFIG", "SET", "maxmemory", "20mb")
        with_limit = await one_of(alias, rules.EVICTION)

    assert without_limit.status is Status.OK
    assert with_limit.status is status


async def test_what_was_evicted_fails(settings: Any) -> None:
    with brokers.broker("--maxmemory", "20mb", "--maxmemory-policy", "allkeys-lru") as server:
        fill(server, 2)
        finding = await one_of(configure(settings, "core", server.url), rules.EVICTION)

    assert finding.status is Status.FAIL
    assert "keys were evicted" in finding.detail


def hold(stack: ExitStack, server: brokers.Broker, count: int) -> None:
    """Open so many connections, and keep them."""
    for _ in range(count):
        client = stack.enter_context(socket.socket(socket.AF_UNIX))
        client.connect(str(server.socket))
        client.sendall(b"PING\r\n")
        client.recv(64)


@only(("held", "status"), [(2, Status.OK), (16, Status.WARN), (18, Status.FAIL)])
async def test_connections_near_their_limit_are_told(
    settings: Any, kind: str, held: int, status: Status
) -> None:
    with brokers.broker("--maxclients", "20") as server, ExitStack() as stack:
        hold(stack, server, held)
        finding = await one_of(configure(settings, kind, server.url), rules.CLIENTS)

    assert finding.status is status
    assert finding.value == (held + 1) * 5


@only(("sent", "status"), [(0, Status.OK), (300, Status.WARN), (500, Status.FAIL)])
async def test_a_subscriber_that_does_not_read_is_told(
    settings: Any, sent: int, status: Status
) -> None:
    limit = "--client-output-buffer-limit", "pubsub", "64mb", "4mb", "600"
    with brokers.broker(*limit) as server, socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(server.socket))
        slow.sendall(b"SUBSCRIBE asgi__group__chat_a\r\n")
        slow.recv(64)
        with server.client() as client, client.pipeline() as pipe:
            for _ in range(sent):  # small ones: of large messages the server keeps a single copy
                pipe.publish("asgi__group__chat_a", "x" * 10_000)
            pipe.execute()
        finding = await one_of(configure(settings, "pubsub", server.url), rules.BUFFERS)

    assert finding.status is status, finding


async def test_a_small_output_buffer_is_told(settings: Any) -> None:
    limit = "--client-output-buffer-limit", "pubsub", "512kb", "256kb", "60"
    with brokers.broker(*limit) as server:
        finding = await one_of(configure(settings, "pubsub", server.url), rules.BUFFERS)

    assert finding.status is Status.WARN
    assert "small" in finding.detail
    assert "cut off at 256 kB" in finding.detail
