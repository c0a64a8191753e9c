"""What a listener hears of groups: which, also later ones, and what it says it could not hear."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from application import Application, configure, opened
from brokers import broker as running
from brokers import cluster, shards
from listeners import Heard
from servers import wait_until

from chatops.errors import Exit, Unsupported
from chatops.layers.bare import streams
from chatops.layers.choose import adapter
from chatops.layers.listening.decoding import reader
from chatops.layers.spelling import group_channel
from chatops.model.watched import Watched

if TYPE_CHECKING:
    import redis

    from chatops.layers.base import LayerAdapter

only = pytest.mark.parametrize
core, pubsub = only("kind", ["core"]), only("kind", ["pubsub"])


def event(number: int) -> dict[str, Any]:
    return {"type": "t", "n": number}


# ---------------------------------------------------------------- which groups


async def test_several_groups_are_heard_each_by_its_name(
    layer: LayerAdapter, app: Application
) -> None:
    async with layer.listen(Watched(groups=("chat_a", "chat_b"))) as arrivals:
        for number, group in enumerate(("chat_a", "chat_c", "chat_b")):
            await app.layer.group_send(group, event(number))
        heard = await Heard(arrivals).until(lambda own: len(own.got) == 2)

    assert [(each.group, each.body["n"]) for each in heard.got] == [("chat_a", 0), ("chat_b", 2)]


async def test_a_message_is_heard_once_by_who_names_its_group_and_a_glob(
    layer: LayerAdapter, app: Application
) -> None:
    await app.join("chat_a")
    wanted = Watched(groups=("chat_a",), globs=("chat_*", "*_a"))
    async with layer.listen(wanted) as arrivals:
        await app.layer.group_send("chat_a", event(1))
        await app.layer.group_send("chat_a", event(2))
        heard = await Heard(arrivals).until(lambda own: own.numbers[-1:] == [2])

    assert heard.numbers == [1, 2]


async def test_a_group_that_appears_later_is_heard(layer: LayerAdapter, app: Application) -> None:
    async with layer.listen(Watched(globs=("chat_late*",))) as arrivals:
        heard = Heard(arrivals)
        await app.join("chat_other")
        await app.join("chat_later")

        def send() -> None:
            both = [app.layer.group_send(each, event(1)) for each in ("chat_other", "chat_later")]
            sending.append(asyncio.gather(*both))

        sending: list[Any] = []
        await heard.seeing(send, "chat_later")
        await asyncio.gather(*sending)

    assert {each.group for each in heard.got} == {"chat_later"}


async def test_only_what_is_wanted_of_a_glob_is_heard(
    layer: LayerAdapter, app: Application
) -> None:
    for group in ("chat_a", "chat_b"):
        await app.join(group)
    async with layer.listen(Watched(globs=("*",), wanted="chat_b".__eq__)) as arrivals:
        await app.layer.group_send("chat_a", event(1))
        await app.layer.group_send("chat_b", event(2))
        heard = await Heard(arrivals).until(lambda own: own.got)

    assert heard.numbers == [2]


@core
async def test_a_group_that_only_taps_are_in_is_left(
    layer: LayerAdapter, app: Application, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.listening.keeping._RENEW", 0.1)
    await app.join("chat_a")
    key, everything = "asgi:group:chat_a", Watched(globs=("*",))
    async with layer.listen(everything) as one, layer.listen(everything) as other:
        listening = [asyncio.ensure_future(anext(each)) for each in (one, other)]
        assert broker.zcard(key) == 3
        await app.leave()
        await asyncio.to_thread(wait_until, lambda: not broker.exists(key), "an empty group")
        for task in listening:
            task.cancel()
        await asyncio.wait(listening)


@core
async def test_one_payload_for_several_groups_is_heard_in_each(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    async with layer.listen(Watched(groups=("chat_a", "chat_b"))) as arrivals:
        taps = [broker.zrange(f"asgi:group:chat_{each}", 0, 0)[0].decode() for each in "ab"]
        payload = layer.layer.serialize({**event(1), "__asgi_channel__": taps})
        broker.zadd(f"asgi{taps[0].partition('!')[0]}!", {payload: 1})
        heard = await Heard(arrivals).until(lambda own: len(own.got) == 2)

    assert [each.group for each in heard.got] == ["chat_a", "chat_b"]
    assert [each.body for each in heard.got] == [event(1), event(1)]


@only("globs", [("*",), ("chat_?",)])
async def test_groups_on_several_servers_are_heard(
    settings: Any, kind: str, globs: tuple[str, ...]
) -> None:
    groups = [f"chat_{letter}" for letter in "abcdefgh"]
    with shards(2) as servers:
        configure(settings, kind, "")
        hosts = [{"address": each.url, "socket_timeout": None, "protocol": 2} for each in servers]
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = hosts
        async with opened("default") as layer:
            app = Application("default")
            for group in groups:
                await app.join(group)
            async with layer.listen(Watched(globs=globs)) as arrivals:
                for group in groups:
                    await app.layer.group_send(group, event(1))
                heard = await Heard(arrivals).until(lambda own: len(own.got) >= len(groups))
            await app.leave()
            await app.layer.flush()

    assert sorted(str(each.group) for each in heard.got) == groups


async def test_the_nodes_of_a_cluster_tell_each_message_once(settings: Any) -> None:
    with cluster(3) as nodes:
        configure(settings, "pubsub", "")
        hosts = [{"address": each.tcp, "socket_timeout": None, "protocol": 2} for each in nodes]
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = hosts
        async with opened("default") as layer:
            app = Application("default")
            async with layer.listen(Watched(globs=("*",))) as arrivals:
                for number in range(20):
                    await app.layer.group_send(f"chat_{number}", event(number))
                await app.layer.group_send("chat_last", event(-1))
                heard = await Heard(arrivals).until(lambda own: -1 in own.numbers)
                await asyncio.sleep(0)
            await app.layer.flush()

    assert sorted(heard.numbers) == sorted(set(heard.numbers))


async def test_globs_need_a_layer_that_can_list_its_groups(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "layers_of_others.Unknown"}}
    layer = adapter("default")

    with pytest.raises(Unsupported, match="cannot list its groups") as caught:
        async with layer.listen(Watched(globs=("*",))):
            pass

    assert caught.value.exit is Exit.CANNOT


async def test_the_in_memory_layer_hears_later_groups_too(memory: LayerAdapter) -> None:
    async with memory.listen(Watched(groups=("chat_a",), globs=("chat_b*",))) as arrivals:
        heard = Heard(arrivals)
        await memory.group_send("chat_a", event(1))
        await heard.until(lambda own: own.got)
        channel = await memory.new_channel()
        await memory.group_add("chat_bee", channel)
        sending: list[Any] = []
        await heard.seeing(
            lambda: sending.append(asyncio.ensure_future(memory.group_send("chat_bee", event(2)))),
            "chat_bee",
        )
        await asyncio.gather(*sending)

    assert memory.layer.groups.get("chat_a", {}) == {}
    assert list(memory.layer.groups["chat_bee"]) == [channel]


# ---------------------------------------------------------------- who may ask


@only("rule", ["&asgi__group__*", "&asgi*"])
async def test_a_user_who_may_use_one_pattern_hears_a_room_by_it(settings: Any, rule: str) -> None:
    with running() as server:
        url = server.user("ops", "+@all", "~*", "resetchannels", rule)
        alias = configure(settings, "pubsub", url)
        async with opened(alias) as layer, layer.listen(Watched(groups=("chat_a",))) as arrivals:
            for number, group in enumerate(("chat_b", "chat_a")):
                server.ask("PUBLISH", group_channel("asgi", group), msgpack.packb(event(number)))
            heard = await Heard(arrivals).until(lambda own: own.got)

    assert heard.numbers == [1]


async def test_a_user_who_may_use_no_pattern_is_told_what_would_allow_it(settings: Any) -> None:
    with running() as server:
        url = server.user("ops", "+@all", "~*", "resetchannels")
        async with opened(configure(settings, "pubsub", url)) as layer:
            with pytest.raises(Unsupported, match="may not look at every channel") as caught:
                async with layer.listen(Watched(groups=("chat_a",))):
                    pass

    assert str(caught.value.fix) == "ACL SETUSER <user> &asgi*"


# ---------------------------------------------------------------- what could not be heard


async def test_a_server_that_restarts_is_a_hole_and_not_the_end(settings: Any, kind: str) -> None:
    with running() as server:
        alias = configure(settings, kind, server.url)
        async with opened(alias) as layer, layer.listen(Watched(groups=("chat_a",))) as arrivals:
            heard = Heard(arrivals)
            server.kill()
            await heard.until(lambda own: own.holes)
            server.start()
            await heard.until(lambda own: not own.holes[-1].lasts)
            app = Application(alias)
            await app.layer.group_send("chat_a", event(7))
            await heard.until(lambda own: own.got)
            await app.layer.flush()

    assert [hole.lasts for hole in heard.holes] == [True, False]
    assert heard.holes[-1].seconds is not None
    assert heard.numbers == [7]


@pubsub
async def test_a_connection_that_is_killed_is_a_hole(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        broker.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        heard = await Heard(arrivals).until(lambda own: len(own.holes) == 2)
        await app.layer.group_send("chat_a", event(1))
        await heard.until(lambda own: own.got)

    assert heard.numbers == [1]


async def test_a_server_that_hangs_is_a_hole(
    settings: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("opened", "listening.wire"):
        monkeypatch.setattr(f"chatops.layers.{room}.PATIENCE", 0.5)
    with running() as server:
        alias = configure(settings, kind, server.url)
        async with opened(alias) as layer, layer.listen(Watched(groups=("chat_a",))) as arrivals:
            heard = Heard(arrivals)
            server.freeze()
            await heard.until(lambda own: own.holes)
            server.thaw()
            await heard.until(lambda own: not own.holes[-1].lasts)

    assert [hole.lasts for hole in heard.holes] == [True, False]


@core
async def test_a_tap_that_was_removed_from_its_group_says_so_and_is_back(
    layer: LayerAdapter, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.layers.listening.keeping._RENEW", 0.1)
    async with layer.listen(Watched(groups=("chat_a", "chat_b"))) as arrivals:
        broker.delete("asgi:group:chat_b")
        heard = await Heard(arrivals).until(lambda own: own.holes)
        assert broker.zcard("asgi:group:chat_b") == 1

    assert [hole.group for hole in heard.holes] == ["chat_b"]


# ---------------------------------------------------------------- private spellings


@pubsub
async def test_a_connection_of_redis_py_reads_and_writes_where_we_think(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    connection = layer.pool(0).make_connection()  # type: ignore[attr-defined]
    await connection.connect()
    found = streams(connection)
    assert found is not None
    reader, writer = found
    writer.write(b"*1\r\n$4\r\nPING\r\n")

    assert await reader.readline() == b"+PONG\r\n"
    await connection.disconnect()


@only("serializer", ["msgpack", "json"])
async def test_what_reads_plain_payloads_reads_as_the_layer_does(
    settings: Any, server: Any, serializer: str
) -> None:
    configure(settings, "pubsub", server.url, serializer_format=serializer)
    layer = adapter("default").layer
    payloads = [layer.serialize(event(number)) for number in range(3)]

    assert reader(layer)(payloads) == list(map(layer.deserialize, payloads))
    assert reader(layer)(payloads) == [event(number) for number in range(3)]


async def test_nothing_plain_reads_what_is_encrypted(settings: Any, server: Any) -> None:
    configure(settings, "pubsub", server.url, symmetric_encryption_keys=["k"])
    layer = adapter("default").layer

    assert reader(layer)([layer.serialize(event(3))]) == [event(3)]
