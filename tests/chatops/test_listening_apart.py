"""A listener whose reading goes on in a process of its own, whatever happens to the other one."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from application import Application, configure
from brokers import broker as running
from brokers import watched
from channels.layers import channel_layers
from listeners import Heard, listener
from servers import wait_until

from chatops.errors import Unsupported
from chatops.layers.choose import adapter
from chatops.layers.listening.reading import reading
from chatops.layers.spelling import TAP, group_channel
from chatops.model.watched import Watched

if TYPE_CHECKING:
    import redis
    from listeners import Listener
    from servers import Valkey

only = pytest.mark.parametrize
core, pubsub = only("kind", ["core"]), only("kind", ["pubsub"])
ROOM = group_channel("asgi", "chat_a")


@pytest.fixture
def entry(configured: str, settings: Any) -> dict[str, Any]:
    return dict(settings.CHANNEL_LAYERS[configured])


def publish(client: redis.Redis, numbers: range) -> None:
    """Send as fast as can be, in bulk."""
    for start in numbers[::1000]:
        pipe = client.pipeline(transaction=False)
        for number in range(start, min(start + 1000, numbers.stop)):
            pipe.publish(ROOM, msgpack.packb({"type": "t", "n": number, "x": "x" * 50}))
        pipe.execute()


async def send(alias: str, *numbers: int) -> None:
    """Send as the application does."""
    layer = channel_layers.make_backend(alias)
    for number in numbers:
        await layer.group_send("chat_a", {"type": "t", "n": number})


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def hears(heard: Listener, number: int) -> bool:
    return heard.log.endswith(f"got chat_a {number}\n")


# ---------------------------------------------------------------- nothing is lost


@pubsub
def test_a_burst_of_100_000_is_heard_whole(entry: dict[str, Any], broker: redis.Redis) -> None:
    with listener(entry, "chat_a") as heard:
        publish(broker, range(100_000))
        wait_until(lambda: hears(heard, 99_999), "the last one")

        assert heard.got == list(range(100_000))
        assert heard.holes == []


@pubsub
def test_while_we_are_stopped_all_is_kept(entry: dict[str, Any], broker: redis.Redis) -> None:
    with listener(entry, "chat_a") as heard:
        heard.freeze()
        publish(broker, range(50_000))
        heard.thaw()
        wait_until(lambda: hears(heard, 49_999), "the last one")

        assert heard.got == list(range(50_000))
        assert heard.holes == []


@pubsub
def test_what_there_is_no_room_for_is_counted(entry: dict[str, Any], broker: redis.Redis) -> None:
    with listener(entry, "chat_a", size=4 << 20) as heard:
        heard.freeze()
        publish(broker, range(100_000))
        heard.thaw()
        wait_until(lambda: heard.holes, "a hole")
        publish(broker, range(100_000, 101_000))
        wait_until(lambda: hears(heard, 100_999), "the last one")
        got, [(reason, missed, _)] = heard.got, heard.holes

    assert reason == "we were stopped or too slow"
    assert missed > 0
    assert len(got) + missed == 101_000
    assert got == sorted(got)


def test_a_user_who_may_not_ping_is_told_that_nobody_counted(settings: Any, server: Valkey) -> None:
    with running() as own:
        url = own.user("ops", "+@all", "-ping", "~*", "allchannels")
        configure(settings, "pubsub", url)
        with listener(settings.CHANNEL_LAYERS["default"], "chat_a", size=4 << 20) as heard:
            heard.freeze()
            with own.client() as client:
                publish(client, range(100_000))
                heard.thaw()
                wait_until(lambda: heard.holes, "a hole")
                wait_until(lambda: publish(client, range(1)) or heard.got[-1:] == [0], "another")
            [(reason, missed, _)] = heard.holes

    assert (reason, missed) == ("we were stopped or too slow", None)


@core
def test_while_we_are_stopped_a_rooms_members_lose_nothing(
    entry: dict[str, Any], broker: redis.Redis, configured: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def talk() -> list[int]:
        app = Application(configured)
        channel = await app.join("chat_a")
        sending = asyncio.ensure_future(send(configured, *range(1000)))
        got = [(await app.layer.receive(channel))["n"] for _ in range(1000)]
        await sending
        await app.leave()
        return got

    caplog.set_level("INFO", "channels_redis.core")
    with listener(entry, "chat_a") as heard:
        heard.freeze()
        got = asyncio.run(talk())
        heard.thaw()
        wait_until(lambda: hears(heard, 999) or heard.holes, "the last one")

        assert got == list(range(1000))
        assert heard.got == got or heard.holes
        assert caplog.records == [] or heard.holes
    broker.flushall()  # what the layer's own `receive` keeps in flight


@core
def test_a_burst_beyond_the_capacity_is_heard_by_a_child_that_does_not_run(
    entry: dict[str, Any], configured: str
) -> None:
    with listener(entry, "chat_a") as heard:
        os.kill(heard.child, signal.SIGSTOP)
        asyncio.run(send(configured, *range(150)))
        os.kill(heard.child, signal.SIGCONT)
        wait_until(lambda: hears(heard, 149), "the last one")

        assert heard.got == list(range(150))
        assert heard.holes == []


@core
def test_what_a_full_queue_dropped_is_a_hole(entry: dict[str, Any], configured: str) -> None:
    with listener(entry, "chat_a") as heard:
        os.kill(heard.child, signal.SIGSTOP)
        asyncio.run(send(configured, *range(300)))
        os.kill(heard.child, signal.SIGCONT)
        wait_until(lambda: heard.holes, "a hole")

        assert 100 < len(heard.got) <= 200
        assert [reason for reason, _, _ in heard.holes] == [
            "the tap's queue was full: too much came at once, or we were stopped"
        ]


@pubsub
def test_the_output_buffer_limit_is_a_hole_that_is_named(settings: Any, kind: str) -> None:
    with running("--client-output-buffer-limit", "pubsub 1mb 1mb 1") as server:
        alias = configure(settings, kind, server.url)
        entry = dict(settings.CHANNEL_LAYERS[alias])
        with listener(entry, "chat_a") as heard, server.client() as client:
            os.kill(heard.child, signal.SIGSTOP)
            cut_off = "client_output_buffer_limit_disconnections"
            while not client.info("stats")[cut_off]:  # of long texts it counts references alone
                publish(client, range(1000))
            os.kill(heard.child, signal.SIGCONT)
            wait_until(lambda: len(heard.holes) == 2, "the end of a hole")

            assert "output-buffer limit" in heard.holes[-1][0]


# ---------------------------------------------------------------- nothing stays


def test_the_child_of_a_killed_listener_leaves_at_once(
    entry: dict[str, Any], broker: redis.Redis, kind: str
) -> None:
    with listener(entry, "chat_a", globs=("chat_b*",)) as heard:
        assert broker.exists("asgi:group:chat_a") == (kind == "core")
        child = heard.child
        heard.kill()
        wait_until(lambda: not alive(child), "the end of the child")

    assert broker.keys("*") == []
    assert broker.pubsub_numpat() == 0


def test_a_child_that_is_killed_is_a_hole_and_followed_by_another(
    entry: dict[str, Any], broker: redis.Redis, configured: str, kind: str
) -> None:
    with listener(entry, "chat_a") as heard:
        os.kill(heard.child, signal.SIGKILL)
        wait_until(lambda: heard.holes, "a hole")
        wait_until(
            lambda: asyncio.run(send(configured, 1)) or heard.got, "what another child heard"
        )

        assert [hole[0] for hole in heard.holes][:1] == [
            "the process that listens for us was killed"
        ]
    if kind == "core":  # the lease of the first is not over
        [tap] = broker.zrange("asgi:group:chat_a", 0, -1)
        assert tap.decode().startswith(TAP)
        broker.flushall()


def test_a_child_that_is_stopped_leaves_all_the_same(
    entry: dict[str, Any], broker: redis.Redis
) -> None:
    with listener(entry, "chat_a") as heard:
        os.kill(heard.child, signal.SIGSTOP)
        heard.stop()

    assert broker.keys("*") == []
    assert broker.pubsub_numpat() == 0


# ---------------------------------------------------------------- whatever the server does


def test_after_a_failover_the_new_primary_is_heard(settings: Any, kind: str) -> None:
    with watched() as (primary, replica, sentinels):
        configure(settings, kind, "")
        host = {
            "sentinels": [("127.0.0.1", each.port) for each in sentinels],
            "master_name": "mymaster",
            "socket_timeout": None,
            "protocol": 2,
        }
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = [host]
        with listener(settings.CHANNEL_LAYERS["default"], "chat_a") as heard:
            primary.kill()
            wait_until(lambda: heard.holes and not heard.holes[-1][2], "the end of a hole")
            configure(settings, kind, replica.url)
            asyncio.run(send("default", 9))
            wait_until(lambda: hears(heard, 9), "what was sent to the new primary")

            assert [lasts for _, _, lasts in heard.holes] == [True, False]


def test_what_a_child_is_denied_is_told_here(settings: Any) -> None:
    async def enter() -> None:
        async with heard.listen():
            pass

    with running() as server:
        url = server.user("ops", "+@all", "~*", "resetchannels")
        layer = adapter(configure(settings, "pubsub", url))
        with (
            reading(layer, Watched(groups=("chat_a",))) as heard,
            pytest.raises(Unsupported, match="may not look at every channel") as caught,
        ):
            asyncio.run(enter())

    assert str(caught.value.fix) == "ACL SETUSER <user> &asgi*"


def test_what_nobody_else_could_hear_is_heard_here(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    layer = adapter("default")

    async def hear() -> list[Any]:
        async with heard.listen() as arrivals:
            await layer.group_send("chat_a", {"type": "t", "n": 1})
            return (await Heard(arrivals).until(lambda own: own.got)).numbers

    with reading(layer, Watched(groups=("chat_a",))) as heard:
        numbers = asyncio.run(hear())

    assert numbers == [1]
