"""What the adapters know of real layers on a real server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from application import Application, configure, opened

from chatops.errors import BadValue, BrokenLayer, LayerAway, UnknownLayer, Unsupported
from chatops.layers.choose import adapter
from chatops.layers.listening.lease import LEASE
from chatops.layers.spelling import TAP, group_channel, group_key, inflight_key, queue_key
from chatops.model.finding import Status
from chatops.model.room import Reach, Unit
from chatops.model.watched import Watched

if TYPE_CHECKING:
    import redis

    from chatops.layers.base import LayerAdapter

only = pytest.mark.parametrize


# ---------------------------------------------------------------- spellings


@only("kind", ["core"])
async def test_core_spells_its_keys_as_the_library_does(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    channel = await app.join("chat_a")
    await app.layer.send(channel, {"type": "t"})
    names = group_key(app.layer, "chat_a"), queue_key(app.layer, channel)

    assert {key.decode() for key in broker.keys("*")} == set(names)
    assert group_key(app.layer, "g") == app.layer._group_key("g").decode()
    assert inflight_key(app.layer, channel) == app.layer._backup_channel_name(names[1])
    await app.layer.receive(channel)


@only("kind", ["pubsub"])
async def test_pubsub_spells_its_channels_as_the_library_does(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    await app.join("chat_a")

    assert group_channel("asgi", "chat_a").encode() in broker.pubsub_channels("*")
    assert group_channel("asgi", "g") == app.layer._get_layer()._get_group_channel_name("g")


@only("config", [{}, {"prefix": "x*[y]"}, {"serializer_format": "json"}])
@only("kind", ["core", "pubsub"])
async def test_hosts_and_prefix_are_read_as_the_library_reads_them(
    broker: redis.Redis, server: Any, settings: Any, kind: str, config: dict[str, Any]
) -> None:
    async with opened(configure(settings, kind, server.url, **config)) as layer:
        app = Application("default")
        await app.join("chat_a")

        groups = [state.group async for state in layer.groups()]

        assert groups == ["chat_a"]
        await app.leave()
        await app.layer.flush()


# ---------------------------------------------------------------- who is where


async def test_reach_counts_in_the_layers_own_unit(
    layer: LayerAdapter, app: Application, kind: str
) -> None:
    for _ in range(3):
        await app.join("chat_a")

    members = Reach(count=3, unit=Unit.MEMBERS)
    assert await layer.reach("chat_a") == (
        members if kind == "core" else Reach(count=1, unit=Unit.PROCESSES)
    )
    assert (await layer.reach("chat_b")) is not None
    assert (await layer.reach("chat_b")).count == 0  # type: ignore[union-attr]


async def test_groups_lists_each_with_its_processes(layer: LayerAdapter, app: Application) -> None:
    other = Application("default")
    for running, group in ((app, "chat_a"), (app, "chat_b"), (other, "chat_b")):
        await running.join(group)

    found = {state.group: state.processes async for state in layer.groups()}

    assert found == {"chat_a": 1, "chat_b": 2}
    await other.leave()
    await other.layer.flush()


@only("kind", ["core"])
async def test_backlog_is_that_of_the_fullest_queue(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_a")
    for _ in range(7):
        await app.layer.send(channel, {"type": "t"})

    [state] = [state async for state in layer.groups()]

    assert (state.backlog, state.capacity) == (7, 100)


@only("kind", ["core"])
async def test_members_that_have_expired_are_not_counted(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    channel = await app.join("chat_a")
    broker.zadd(group_key(app.layer, "chat_a"), {channel: time.time() - 86400 - 1})

    assert (await layer.reach("chat_a")).count == 0  # type: ignore[union-attr]


@only("kind", ["core"])
async def test_a_full_queue_is_counted_as_dropped(layer: LayerAdapter, app: Application) -> None:
    await app.join("chat_a")

    dropped = [await layer.group_send("chat_a", {"type": "t"}) for _ in range(101)]

    assert dropped == [0] * 100 + [1]


# ---------------------------------------------------------------- listening


async def test_a_listener_gets_what_is_sent_to_its_group_alone(
    layer: LayerAdapter, app: Application
) -> None:
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        for number, group in enumerate(("chat_a", "chat_b", "chat_a")):
            await app.layer.group_send(group, {"type": "t", "number": number})
        got: list[Any] = []
        while len(got) < 2:
            got += await anext(arrivals)

    assert [each.body for each in got] == [{"type": "t", "number": 0}, {"type": "t", "number": 2}]
    assert all(each.size > 0 and each.problem is None for each in got)


async def test_a_listener_changes_no_count(layer: LayerAdapter, app: Application) -> None:
    await app.join("chat_a")
    before = await layer.reach("chat_a"), [state async for state in layer.groups()]
    async with (
        layer.listen(Watched(groups=("chat_a",))),
        layer.listen(Watched(groups=("chat_empty",))),
    ):
        during = await layer.reach("chat_a"), [state async for state in layer.groups()]

    assert before == during


@only("kind", ["pubsub"])  # which takes any name
async def test_a_group_of_a_globs_letters_is_not_a_pattern(
    layer: LayerAdapter, app: Application
) -> None:
    async with layer.listen(Watched(groups=("chat_[ab]",))) as arrivals:
        await app.layer.group_send("chat_a", {"type": "other"})
        await app.layer.group_send("chat_[ab]", {"type": "own"})
        [got] = await anext(arrivals)

    assert got.body == {"type": "own"}  # type: ignore[union-attr]


async def test_bytes_of_another_serializer_are_told_not_raised(
    layer: LayerAdapter, broker: redis.Redis, kind: str
) -> None:
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        if kind == "pubsub":
            broker.publish(group_channel("asgi", "chat_a"), b"\xff\xfe not msgpack")
        else:
            [tap] = broker.zrange(group_key(layer.layer, "chat_a"), 0, -1)
            broker.zadd(queue_key(layer.layer, tap.decode()), {b"\x00" * 12 + b"\xff\xfe": 1})
        [got] = await anext(arrivals)

    assert got.body == {}  # type: ignore[union-attr]
    assert "not readable" in str(got.problem)  # type: ignore[union-attr]


@only("kind", ["core"])
async def test_a_tap_that_is_never_renewed_falls_out_after_its_lease(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    async with layer.listen(Watched(groups=("chat_a",))):
        key = group_key(app.layer, "chat_a")
        [(tap, score)] = broker.zrange(key, 0, -1, withscores=True)

        assert tap.decode().startswith(TAP)
        assert time.time() - 86400 < score <= time.time() - 86400 + LEASE
        assert 0 < broker.ttl(key) <= LEASE  # nobody else is in it, so nothing stays


@only("kind", ["core"])
async def test_a_tap_does_not_shorten_the_life_of_a_group(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    await app.join("chat_a")
    async with layer.listen(Watched(groups=("chat_a",))):
        assert broker.ttl(group_key(app.layer, "chat_a")) > LEASE


@only("kind", ["core"])
async def test_members_lose_nothing_because_of_a_tap(layer: LayerAdapter, app: Application) -> None:
    channel = await app.join("chat_a")
    async with layer.listen(Watched(groups=("chat_a",))):
        for number in range(100):
            await app.layer.group_send("chat_a", {"type": "t", "number": number})
        got = [(await app.layer.receive(channel))["number"] for _ in range(100)]

    assert got == list(range(100))


# ---------------------------------------------------------------- choosing and refusing


def test_a_subclass_gets_the_adapter_of_what_it_extends(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "layers_of_others.Extended"}}

    assert type(adapter("default")).__name__ == "PubSubAdapter"


async def test_an_unknown_layer_is_reached_by_its_public_interface_alone(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "layers_of_others.Unknown"}}
    layer = adapter("default")
    async with layer.listen(Watched(groups=("chat_a",))) as arrivals:
        await layer.group_send("chat_a", {"type": "t"})
        [got] = await anext(arrivals)

    assert got.body == {"type": "t"}  # type: ignore[union-attr]
    assert await layer.reach("chat_a") is None
    assert await layer.echo({"type": "t", "n": 1}) == {"type": "t", "n": 1}
    with pytest.raises(Unsupported, match="cannot list its groups"):
        layer.groups()


def test_an_alias_that_is_not_there_is_named(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"one": {"BACKEND": "x.Y"}}

    with pytest.raises(UnknownLayer, match="'two' is not in CHANNEL_LAYERS; there are 'one'"):
        adapter("two")


@only(
    "entry",
    [
        {"BACKEND": "nowhere.Layer"},
        {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": "a string"}},
        {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"color": "red"}},
        {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [{"address": "redis://localhost", "pasword": "x"}]},
        },
        {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://localhost:port/0"]},
        },
        {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": "x"}},
    ],
)
async def test_a_layer_that_cannot_be_built_says_why(settings: Any, entry: dict[str, Any]) -> None:
    settings.CHANNEL_LAYERS = {"default": entry}

    with pytest.raises(BrokenLayer, match=r"'default'.*cannot be (built|used)"):
        _ = adapter("default").layer


@only("layers", [None, [], {"default": "dotted.path"}, {"default": {}}])
def test_channel_layers_of_a_wrong_shape_are_named(settings: Any, layers: object) -> None:
    settings.CHANNEL_LAYERS = layers

    with pytest.raises((BrokenLayer, UnknownLayer), match="CHANNEL_LAYERS"):
        adapter("default")


async def test_what_a_strangers_layer_raises_is_one_clear_error(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "layers_of_others.Failing"}}

    with pytest.raises(LayerAway, match=r"Boom: no redis://\*\*\*@host$"):
        await adapter("default").group_send("chat_a", {"type": "t"})


@only(
    ("url", "shown"),
    [
        ("redis://ann:secret@h:1/0", "redis://***@h:1/0"),
        ("redis://:s@cret@h/0", "redis://***@h/0"),
        ("unix:///s.sock?db=0&password=secret", "unix:///s.sock?db=0&password=***"),
        ("redis://:se/cret@h:1/0", "redis://***@h:1/0"),
        ("redis://h/0?Username=secret", "redis://h/0?Username=***"),
    ],
)
def test_no_error_shows_what_is_secret_in_a_url(url: str, shown: str) -> None:
    assert str(LayerAway(f"away: {url} is gone")) == f"away: {shown} is gone"


@only("kind", ["core"])
@only(("lease", "longest"), [(60, 60), (None, 86400)])
async def test_only_a_group_that_is_ours_expires_early(
    layer: LayerAdapter, broker: redis.Redis, lease: int | None, longest: int
) -> None:
    channel = await layer.new_channel()
    await layer.group_add("chat_a", channel, lease=lease)
    left = broker.ttl(group_key(layer.layer, "chat_a"))
    await layer.group_discard("chat_a", channel)

    assert longest - 30 < left <= longest


@only("kind", ["core"])
async def test_a_group_without_a_time_to_live_keeps_none(
    layer: LayerAdapter, app: Application, broker: redis.Redis
) -> None:
    await app.join("chat_a")
    broker.persist(group_key(app.layer, "chat_a"))
    async with layer.listen(Watched(groups=("chat_a",))):
        assert broker.ttl(group_key(app.layer, "chat_a")) == -1


@only("kind", ["core"])
async def test_names_that_are_no_text_are_shown(layer: LayerAdapter, broker: redis.Redis) -> None:
    broker.zadd(b"asgi:group:\xff", {b"\xfe!": time.time()})

    [state] = [state async for state in layer.groups()]

    assert state.group == "\\xff"
    broker.delete(b"asgi:group:\xff")


@only("name", ["", "a b", "ü", "x" * 100, "chat_[a]"])
async def test_an_invalid_group_is_refused_on_every_layer(layer: LayerAdapter, name: str) -> None:
    with pytest.raises(BadValue):
        layer.check_group(name)


@only("kind", ["core", "pubsub"])
async def test_a_server_that_is_away_is_one_clear_error(settings: Any, kind: str) -> None:
    async with opened(configure(settings, kind, "redis://:secret@127.0.0.1:1/0")) as layer:
        with pytest.raises(LayerAway, match=r"did not answer at redis://\*\*\*@127") as caught:
            await layer.reach("chat_a")

    assert "secret" not in str(caught.value)


@only("kind", ["core"])
async def test_the_idle_timeout_of_redis_8_is_found_offline(settings: Any, kind: str) -> None:
    entry = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {}}
    entry["CONFIG"] = {"hosts": [{"address": "redis://127.0.0.1:1", "socket_timeout": 5}]}
    settings.CHANNEL_LAYERS = {"default": entry}

    findings = adapter("default").settings_findings()

    finding = next(each for each in findings if each.id == "CHO002")
    assert (finding.id, finding.status) == ("CHO002", Status.FAIL)
    assert "socket_timeout" in str(finding.fix)
