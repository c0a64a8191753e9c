"""What a listener on a core layer hears while servers, groups and other processes come and go."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened
from brokers import broker as running
from brokers import shards
from listeners import Heard, listener
from servers import valkey, wait_until

from chatops.errors import Unsupported
from chatops.layers.choose import adapter
from chatops.layers.spelling import TAP
from chatops.model.watched import Watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import redis
    from servers import Valkey

    from chatops.layers.base import LayerAdapter

EVERYTHING = Watched(globs=("*",))


@pytest.fixture
def kind() -> str:
    return "core"


def event(number: int) -> dict[str, Any]:
    return {"type": "t", "n": number}


@asynccontextmanager
async def sharded(settings: Any, servers: list[Valkey]) -> AsyncIterator[LayerAdapter]:
    configure(settings, "core", "")
    hosts = [{"address": each.url, "socket_timeout": None, "protocol": 2} for each in servers]
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = hosts
    async with opened("default") as layer:
        yield layer


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases are short, and so is what goes on in them."""
    monkeypatch.setattr("chatops.layers.listening.lease.LEASE", 1)


# ---------------------------------------------------------------- servers


@pytest.mark.usefixtures("impatient")
async def test_a_host_that_is_away_is_a_gap_and_the_others_are_heard(settings: Any) -> None:
    with shards(2) as servers:
        async with sharded(settings, servers) as layer:
            names = {layer.layer.consistent_hash(f"chat_{n}"): f"chat_{n}" for n in range(50)}
            async with layer.listen(Watched(groups=tuple(names.values()))) as arrivals:
                [tap] = servers[0].ask("ZRANGE", f"asgi:group:{names[0]}", 0, 0)
                home = layer.layer.consistent_hash(layer.layer.non_local_name(tap.decode()))
                app, there, away = Application("default"), names[home], servers[1 - home]
                away.kill()
                heard = await Heard(arrivals).until(lambda own: own.holes)
                for number in range(5):
                    await asyncio.sleep(0.5)  # longer than a lease
                    await app.layer.group_send(there, event(number))
                await heard.until(lambda own: own.numbers[-1:] == [4])
                away.start()
                await heard.until(lambda own: len(own.holes) > 1)
                await app.layer.group_send(names[1 - home], event(5))
                await heard.until(lambda own: own.numbers[-1:] == [5])
            await app.layer.flush()

    assert heard.numbers == [*range(6)]
    assert [f"{away.socket}" in hole.reason for hole in heard.holes] == [True, True]
    assert heard.holes[1].seconds is not None
    assert heard.holes[1].seconds > 2


async def test_what_was_found_is_heard_when_the_end_of_a_gap_is_told(settings: Any) -> None:
    with valkey() as server:
        async with opened(configure(settings, "core", server.url)) as layer:
            await Application("default").join("chat_a")
            async with layer.listen(EVERYTHING) as arrivals:
                server.kill()
                server.start()
                heard = await Heard(arrivals).until(lambda own: len(own.holes) == 2)
                app = Application("default")
                await app.join("chat_a")
                await heard.until(lambda own: len(own.holes) == 3)
                await app.layer.group_send("chat_a", event(1))
                await heard.until(lambda own: own.got)
            await app.leave()

    assert [hole.reason for hole in heard.holes] == [
        "the layer does not answer",
        "the layer did not answer",
        "the room is new: what was sent before we were in it was not heard",
    ]


async def test_a_gap_is_as_long_as_nothing_was_heard(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.opened.PATIENCE", 1.5)  # more than a blocking pop takes
    with valkey() as server:
        layer = adapter(configure(settings, "core", server.url))
        async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
            since = time.monotonic()
            server.freeze()
            heard = await Heard(arrivals).until(lambda own: own.holes)
            stopped = time.monotonic() - since
            server.thaw()
            await heard.until(lambda own: len(own.holes) == 2)
        await layer.close()

    assert heard.holes[1].seconds is not None
    assert heard.holes[1].seconds > stopped / 2


async def test_that_we_stood_still_is_not_taken_for_a_silent_layer(
    layer: LayerAdapter, app: Application, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("opened", "listening.taps"):
        monkeypatch.setattr(f"chatops.layers.{room}.PATIENCE", 1.2)  # more than a blocking pop
    monkeypatch.setattr("chatops.layers.listening.taps._LATE", 0.1)
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        await app.layer.group_send("chat_a", event(1))
        heard = await Heard(arrivals).until(lambda own: own.got)
        listening = asyncio.ensure_future(heard.until(lambda own: own.got[1:] or own.holes))
        await asyncio.sleep(0)
        [tap] = broker.zrange("asgi:group:chat_a", 0, 0)
        payload = layer.layer.serialize({**event(2), "__asgi_channel__": [tap.decode()]})
        broker.zadd(f"asgi{tap.decode().partition('!')[0]}!", {payload: 1})
        time.sleep(2.5)  # noqa: ASYNC251 - that is how we stand still
        await listening

    assert (heard.numbers, heard.holes) == ([1, 2], [])


async def test_a_gap_counts_the_time_that_the_machine_slept(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = [0.0]
    clock = time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: clock(which) + slept[0])
    with valkey() as server:
        layer = adapter(configure(settings, "core", server.url))
        async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
            server.kill()
            heard = await Heard(arrivals).until(lambda own: own.holes)
            slept[0] = 1000.0
            server.start()
            await heard.until(lambda own: len(own.holes) == 2)
        await layer.close()

    assert heard.holes[1].seconds is not None
    assert heard.holes[1].seconds > 1000


# ---------------------------------------------------------------- groups


async def test_what_was_sent_to_a_new_group_before_us_is_a_gap_of_that_group(
    layer: LayerAdapter, app: Application
) -> None:
    async with layer.listen(EVERYTHING) as arrivals:
        await app.join("chat_new")
        heard = await Heard(arrivals).until(lambda own: own.holes)

    [hole] = heard.holes
    assert (hole.group, hole.reason.partition(":")[0]) == ("chat_new", "the room is new")
    assert hole.seconds is not None


async def test_a_group_that_is_there_before_us_is_no_gap(
    layer: LayerAdapter, app: Application
) -> None:
    await app.join("chat_a")
    async with layer.listen(EVERYTHING) as arrivals:
        await app.layer.group_send("chat_a", event(1))
        heard = await Heard(arrivals).until(lambda own: own.got)

    assert heard.holes == []


async def test_members_that_expire_soon_are_heard_all_the_time(
    settings: Any, broker: redis.Redis, configured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.listening.keeping._RENEW", 0.01)
    settings.CHANNEL_LAYERS[configured]["CONFIG"]["group_expiry"] = 20
    async with opened(configured) as layer:
        app = Application(configured)
        await app.join("chat_a")
        async with layer.listen(EVERYTHING) as arrivals, layer.listen(EVERYTHING):
            for number in range(20):
                await asyncio.sleep(0.02)
                await app.layer.group_send("chat_a", event(number))
            heard = await Heard(arrivals).until(lambda own: own.numbers[-1:] == [19])
            members = broker.zrange("asgi:group:chat_a", 0, -1, withscores=True)
        await app.leave()
        await app.layer.flush()

    assert heard.numbers == [*range(20)]
    assert heard.holes == []
    assert sum(name.decode().startswith(TAP) for name, _ in members) == 2
    assert all(score <= time.time() for _, score in members)


async def test_a_group_that_was_removed_is_a_gap_that_says_so(
    layer: LayerAdapter, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.listening.keeping._RENEW", 0.1)
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        broker.delete("asgi:group:chat_a")
        heard = await Heard(arrivals).until(lambda own: own.holes)

    assert heard.holes[0].reason == "the group was removed from the server, and our tap with it"


# ---------------------------------------------------------------- what it is given


@pytest.mark.parametrize("channels", [5, [[1]], {"a": 1}, None])
async def test_channels_that_are_none_are_nobodys(
    layer: LayerAdapter, broker: redis.Redis, channels: Any
) -> None:
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        tap = broker.zrange("asgi:group:chat_a", 0, 0)[0].decode()
        payload = layer.layer.serialize({**event(1), "__asgi_channel__": channels})
        broker.zadd(f"asgi{tap.partition('!')[0]}!", {payload: 1})
        heard = await Heard(arrivals).until(lambda own: own.got)

    assert [(each.group, each.body) for each in heard.got] == [("chat_a", event(1))]


@pytest.mark.parametrize("command", ["bzpopmin", "zpopmin", "zadd"])
async def test_who_may_not_take_is_told_before_anything_is_watched(
    settings: Any, command: str
) -> None:
    with running() as server:
        url = server.user("ops", "+@all", f"-{command}", "~*", "allchannels")
        async with opened(configure(settings, "core", url)) as layer:
            with pytest.raises(Unsupported, match=command.upper()) as caught:
                async with layer.listen(Watched(groups=("chat_a",))):
                    pass

        assert server.ask("KEYS", "*") == []
    assert str(caught.value.fix) == f"ACL SETUSER ops +{command}"


async def test_who_may_take_no_longer_is_told(settings: Any) -> None:
    with running() as server:
        url = server.user("ops", "+@all", "~*", "allchannels")
        configure(settings, "core", url)
        with listener(settings.CHANNEL_LAYERS["default"], "chat_a") as heard:
            server.ask("ACL", "SETUSER", "ops", "-zpopmin")
            await asyncio.to_thread(wait_until, lambda: "ZPOPMIN" in heard.log, "an error")

            assert heard.holes == []
