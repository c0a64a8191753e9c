"""Many groups are sent to on servers as people have them; each group is told of."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import brokers
import pytest
from application import BACKENDS, Application, configure, opened
from proxies import secured, self_signed
from servers import short_folder, wait_until
from workers import workers

from chatops.errors import LayerAway

if TYPE_CHECKING:
    from chatops.model.deliveries import Deliveries

only = pytest.mark.parametrize
EVENT = {"type": "chat.system", "message": "Back in 5 minutes"}
GROUPS = [f"chat_{number}" for number in range(20)]


def spread(settings: Any, kind: str, *hosts: dict[str, Any]) -> str:
    many = [{"socket_timeout": None, "protocol": 2, **host} for host in hosts]
    entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": many}}
    settings.CHANNEL_LAYERS = {"default": entry}
    return "default"


async def sent(alias: str, groups: list[str] = GROUPS) -> tuple[Deliveries, list[Any]]:
    """Send to members of our own; returns what is said of it, and what arrived."""
    app = Application(alias)
    channels = [await app.join(group) for group in groups]
    async with opened(alias) as layer, layer.sending() as send:
        done = await send(groups, EVENT)
        got = [await app.layer.receive(channel) for channel in channels]
    await app.leave()
    await app.layer.flush()
    return done, got


async def test_on_several_hosts_each_group_is_found_on_its_own(settings: Any, kind: str) -> None:
    with brokers.shards(3) as servers:
        done, got = await sent(spread(settings, kind, *({"address": each.url} for each in servers)))

    assert got == [EVENT] * 20
    assert [*done.reach] == [1] * 20
    assert not done.dropped | done.failed | done.unsure


async def test_a_host_that_is_away_fails_its_own_groups_alone(settings: Any, kind: str) -> None:
    with brokers.shards(2) as (here, away):
        alias = spread(settings, kind, {"address": here.url}, {"address": away.url})
        away.kill()
        async with opened(alias) as layer, layer.sending() as send:
            done = await send(GROUPS, EVENT)
            homes = [layer.layer.consistent_hash(each) for each in GROUPS] if kind == "core" else []

    assert 0 < len(done.failed) < 20
    assert not done.unsure
    assert all("did not answer" in why for why in done.failed.values())
    assert not homes or sorted(done.failed) == [at for at, home in enumerate(homes) if home]


async def test_through_sentinels_the_primary_is_found(settings: Any, kind: str) -> None:
    with brokers.watched() as (primary, _, sentinels):
        host = {
            "sentinels": [["127.0.0.1", each.port] for each in sentinels],
            "master_name": "mymaster",
        }
        with workers(1, primary.tcp, "a", kind=kind) as (worker,):
            async with opened(spread(settings, kind, host)) as layer, layer.sending() as send:
                done = await send(["a", "b"], EVENT)
            await asyncio.to_thread(wait_until, lambda: worker.got == [EVENT], "the message")

    assert [*done.reach] == [1, 0]


async def test_by_tls_and_with_a_password_it_is_the_same(settings: Any, kind: str) -> None:
    with short_folder() as folder, brokers.broker(tcp=True) as server:
        server.user("ann", "~*", "&*", "+@all")
        certificate = self_signed(folder, "127.0.0.1")
        async with secured(server.port, certificate) as port:
            url = f"rediss://ann:s3cret@127.0.0.1:{port}/0?ssl_ca_certs={certificate}"
            done, got = await sent(spread(settings, kind, {"address": url}))

    assert got == [EVENT] * 20
    assert [*done.reach] == [1] * 20


# ---------------------------------------------------------------- what a server refuses


async def test_in_a_cluster_all_nodes_get_it_and_nobody_counts_them(settings: Any) -> None:
    with brokers.cluster(2) as (one, other):
        app = Application(configure(settings, "pubsub", other.url))
        channel = await app.join("a")
        async with opened(configure(settings, "pubsub", one.url)) as layer, layer.sending() as send:
            done = await send(["a"], EVENT)
        got = await app.layer.receive(channel)
        await app.leave()
        await app.layer.flush()

    assert got == EVENT
    assert [*done.reach] == [None]


async def test_a_replica_takes_nothing_and_says_so_for_each_group(settings: Any) -> None:
    with brokers.pair() as (primary, replica):
        app = Application(configure(settings, "core", primary.url))
        await app.join("a")
        wait_until(lambda: replica.ask("KEYS", "*"), "a member on the replica")
        alias = configure(settings, "core", replica.url)
        async with opened(alias) as layer, layer.sending() as send:
            done = await send(["a", "empty"], EVENT)
        await app.leave()

    assert [*done.reach] == [1, 0]
    assert list(done.failed) == [0]
    assert "replica" in done.failed[0]


async def test_without_the_right_to_count_the_reach_is_not_known(settings: Any) -> None:
    with brokers.broker() as server:
        app = Application(configure(settings, "pubsub", server.url))
        channel = await app.join("a")
        url = server.user("ann", "&asgi__group__a", "+publish", "+client|setinfo", "+select")
        async with opened(configure(settings, "pubsub", url)) as layer, layer.sending() as send:
            done = await send(["a", "b"], EVENT)
        got = await app.layer.receive(channel)
        await app.leave()
        await app.layer.flush()

    assert got == EVENT
    assert [*done.reach] == [None, None]
    assert list(done.failed) == [1]
    assert "ACL SETUSER" in done.failed[1]


async def test_who_may_only_what_group_send_does_sends_by_that(settings: Any) -> None:
    with brokers.broker() as server:
        app = Application(configure(settings, "core", server.url))
        channel = await app.join("a")
        rights = "+zremrangebyscore", "+zrange", "+zcount", "+zadd", "+expire", "+eval", "+multi"
        url = server.user("ann", "~*", *rights, "+exec", "+client|setinfo", "+select")
        async with opened(configure(settings, "core", url)) as layer, layer.sending() as send:
            done = await send(["a"], EVENT)
        got = await app.layer.receive(channel)
        await app.leave()

    assert got == EVENT
    assert (done.unit, [*done.reach]) == (None, [None])


# ---------------------------------------------------------------- a server that goes away


async def test_who_is_away_from_the_start_gets_nothing(settings: Any, kind: str) -> None:
    with brokers.broker() as server:
        alias = configure(settings, kind, server.url)
    async with opened(alias) as layer, layer.sending() as send:
        with pytest.raises(LayerAway):
            await send(GROUPS, EVENT)


async def test_who_dies_with_our_questions_has_perhaps_heard_them(settings: Any, kind: str) -> None:
    with brokers.broker() as server:
        server.ask("ZADD", "asgi:group:a", str(time.time()), "specific.f!1")  # for core alone
        alias = configure(settings, kind, server.url)
        async with opened(alias) as layer, layer.sending() as send:
            before = await send(["a"], EVENT)
            server.ask("CLIENT", "PAUSE", "100000", "WRITE")
            dying = asyncio.create_task(send(["a", "a"], EVENT))
            await asyncio.to_thread(
                wait_until, lambda: server.info()["blocked_clients"], "a question that waits"
            )
            server.kill()
            during = await dying
            server.start()
            after = await send(["a"], EVENT)

    assert not before.failed | before.unsure
    assert (list(during.failed), list(during.unsure)) == ([], [0, 1])
    assert not after.failed | after.unsure


async def test_what_failed_has_not_arrived_however_the_server_died(
    settings: Any, kind: str
) -> None:
    groups = ["a"] * 50
    numbers = itertools.count()
    done: list[tuple[list[int], Deliveries]] = []
    with brokers.broker() as server, workers(1, server.url, "a", kind=kind) as (worker,):
        alias = configure(settings, kind, server.url)
        async with opened(alias) as layer, layer.sending() as send:
            with suppress(LayerAway):
                while True:
                    some = list(itertools.islice(numbers, 50))
                    done.append((some, await send(groups, [{"type": "t", "n": n} for n in some])))
                    if len(done) == 5:
                        threading.Timer(0.01, server.kill).start()
        got = {each["n"] for each in worker.got}

    for some, each in done:
        assert got.isdisjoint(some[at] for at in each.failed)
    assert len(done) >= 5
