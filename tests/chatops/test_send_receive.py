"""`send` and `receive`: one channel, two processes, a real server."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from contextlib import ExitStack, aclosing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from application import BACKENDS, Application, opened
from processes import wait_until
from servers import short_folder, valkey
from tutorial import Tutorial

from chatops.errors import BadValue, OverCapacity, Refused
from chatops.layers.taking import Taker
from chatops.model.channel import Delivered, Listening, Received
from chatops.model.result import Note
from chatops.operations.receive import receive
from chatops.operations.send import send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import redis

    from chatops.layers.base import LayerAdapter

only = pytest.mark.parametrize
HELLO = '{"type": "hello", "n": 1}'


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def receiving(tutorial: Tutorial, *options: str) -> subprocess.Popen[str]:
    """A `receive test_channel --json` that has said that it is ready."""
    process = tutorial.background("receive", "test_channel", "--json", *options)
    assert process.stderr is not None
    assert json.loads(process.stderr.readline()) == {"kind": "ready", "channel": "test_channel"}
    return process


# ---------------------------------------------------------------- across processes


def test_what_one_process_sends_another_receives(tutorial: Tutorial) -> None:
    receiver = receiving(tutorial, "-n", "2")
    sent = [tutorial.chatops("send", "test_channel", HELLO, "--json") for _ in range(2)]
    out, err = receiver.communicate(timeout=60)

    assert [each.stdout for each in sent] == [
        '{"kind": "sent", "channel": "test_channel", "type": "hello"}\n'
    ] * 2
    assert [each["kind"] for each in lines(out)] == ["received", "received"]
    assert [each["body"] for each in lines(out)] == [{"type": "hello", "n": 1}] * 2
    assert (receiver.returncode, err) == (0, "")


@only("kind", ["core"])
def test_on_core_a_message_waits_for_its_receiver(tutorial: Tutorial) -> None:
    tutorial.chatops("send", "test_channel", HELLO)

    got = tutorial.chatops("receive", "test_channel")

    assert got.stdout.endswith("test_channel hello n=1\n")


async def test_the_application_receives_what_chatops_sends(
    tutorial: Tutorial, app: Application
) -> None:
    channel = await app.layer.new_channel()
    done = await asyncio.to_thread(tutorial.chatops, "send", channel, HELLO)

    assert done.returncode == 0, done.stderr
    assert await app.layer.receive(channel) == {"type": "hello", "n": 1}


async def test_chatops_receives_what_the_application_sends(
    tutorial: Tutorial, app: Application
) -> None:
    receiver = await asyncio.to_thread(receiving, tutorial)
    await app.layer.send("test_channel", {"type": "hello", "raw": b"\x00"})
    out, _ = await asyncio.to_thread(receiver.communicate, timeout=60)

    assert lines(out)[0]["body"] == {"type": "hello", "raw": {"base64": "AA=="}}


@only("how", ["stdin", "file"])
def test_an_event_comes_from_a_file_or_stdin(
    tutorial: Tutorial, broker: redis.Redis, tmp_path: Path, how: str
) -> None:
    (tmp_path / "event.json").write_text(HELLO)
    word, stdin = ("-", HELLO) if how == "stdin" else (f"@{tmp_path}/event.json", "")
    receiver = receiving(tutorial)
    subprocess.run(
        [tutorial.bin / "chatops", "send", "test_channel", word],
        cwd=tutorial.folder,
        env=tutorial.env,
        input=stdin,
        text=True,
        check=True,
    )

    assert lines(receiver.communicate(timeout=60)[0])[0]["type"] == "hello"


# ---------------------------------------------------------------- whose messages


@only("kind", ["core"])
async def test_on_core_another_process_keeps_its_messages(
    tutorial: Tutorial, app: Application
) -> None:
    channel = await app.layer.new_channel()
    await app.layer.send(channel, {"type": "theirs"})

    done = await asyncio.to_thread(tutorial.chatops, "receive", channel)

    assert done.returncode == 5
    assert "would take its messages away" in done.stderr
    assert await app.layer.receive(channel) == {"type": "theirs"}


@only("kind", ["pubsub"])
async def test_on_pubsub_the_other_process_hears_it_too(
    layer: LayerAdapter, app: Application
) -> None:
    channel = await app.layer.new_channel()
    async with aclosing(receive(layer, channel, count=1)) as came:
        ready = await anext(came)
        await app.layer.send(channel, {"type": "both"})
        heard = await anext(came)

    assert isinstance(ready, Listening)
    assert isinstance(heard, Received)
    assert heard.body == await app.layer.receive(channel) == {"type": "both"}


@only("kind", ["pubsub"])
async def test_a_groups_name_is_not_taken_for_a_channel(layer: LayerAdapter) -> None:
    with pytest.raises(BadValue, match="carries the group 'chat_lobby'"):
        await anext(send(layer, "asgi__group__chat_lobby", {"type": "hello"}))


# ---------------------------------------------------------------- what cannot be sent


@only("kind", ["core"])
async def test_a_full_queue_is_a_no(layer: LayerAdapter, broker: redis.Redis) -> None:
    for _ in range(100):
        await layer.send("test_channel", {"type": "hello"})

    with pytest.raises(OverCapacity, match="'test_channel' is full"):
        await anext(send(layer, "test_channel", {"type": "hello"}))
    broker.delete("asgitest_channel")


async def test_what_would_not_arrive_as_it_is_is_refused(layer: LayerAdapter) -> None:
    with pytest.raises(Refused, match="cannot carry the event"):
        await anext(send(layer, "test_channel", {"type": "hello", "n": 1 << 80}))


WRONG = {
    "no json": ["send", "a", "{"],
    "no number that json knows": ["send", "a", '{"type": "x", "n": NaN}'],
    "no object": ["send", "a", "[]"],
    "no type": ["send", "a", '{"n": 1}'],
    "a type that is no text": ["send", "a", '{"type": 1}'],
    "the layer's own word": ["send", "a", '{"type": "x", "__asgi_channel__": "b"}'],
    "a file that is not there": ["send", "a", "@/nowhere.json"],
    "an abyss": ["send", "a", '{"type": "x", "n": ' + 50_000 * "["],
    "no channel's name": ["send", "a b", HELLO],
    "a newline": ["send", "a\n", HELLO],
    "too long a name": ["receive", 100 * "a"],
    "no count": ["receive", "a", "-n", "0"],
    "no duration": ["receive", "a", "--for", "soon"],
}


@only("kind", ["core"])
@only("arguments", WRONG.values(), ids=WRONG.keys())
def test_what_is_typed_wrongly_is_one_line_and_nothing_is_sent(
    tutorial: Tutorial, arguments: list[str]
) -> None:
    done = tutorial.chatops(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


@only("kind", ["memory"])
@only("command", [["send", "a", HELLO], ["receive", "a"]])
def test_in_memory_there_is_nobody_to_reach(tutorial: Tutorial, command: list[str]) -> None:
    done = tutorial.chatops(*command)

    assert done.returncode == 5
    assert "cannot reach another process" in done.stderr


# ---------------------------------------------------------------- several hosts


@pytest.fixture
def shards(settings: Any) -> Iterator[str]:
    with ExitStack() as stack:
        urls = [stack.enter_context(valkey()).url for _ in range(2)]
        hosts = [{"address": url, "socket_timeout": None, "protocol": 2} for url in urls]
        entry = {"BACKEND": BACKENDS["core"], "CONFIG": {"hosts": hosts}}
        settings.CHANNEL_LAYERS = {"default": entry}
        yield "default"


async def test_a_direct_send_that_gets_lost_is_foretold(shards: str) -> None:
    async with opened(shards) as layer:
        foretold, arrived = [], []
        for _ in range(30):
            app = Application(shards)
            channel = await app.layer.new_channel()
            async with aclosing(send(layer, channel, {"type": "hello"})) as told:
                foretold.append(isinstance(await anext(told), Delivered))
                with suppress(StopAsyncIteration):
                    await anext(told)
            queue = app.layer.non_local_name(channel)
            read_from = app.layer.connection(app.layer.consistent_hash(queue))
            arrived.append(bool(await read_from.zcard(f"asgi{queue}")))
            await app.layer.flush()

    assert foretold == arrived
    assert {True, False} == set(arrived)


async def test_what_is_sent_to_any_host_is_received(shards: str) -> None:
    async with opened(shards) as layer:
        app = Application(shards)
        for number in range(4):  # they go round the hosts
            await app.layer.send("test_channel", {"type": "hello", "number": number})
        came = [
            each.body["number"]
            async for each in receive(layer, "test_channel", count=4)
            if isinstance(each, Received)
        ]
        await app.layer.flush()

    assert sorted(came) == [0, 1, 2, 3]


# ---------------------------------------------------------------- how it ends


def test_time_running_out_is_its_own_code(tutorial: Tutorial) -> None:
    done = tutorial.chatops("receive", "test_channel", "--for", "300ms")

    assert done.returncode == 6
    assert "0 of 1 messages came within 0.3 s." in done.stderr


@only("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_receive_leaves_nothing(tutorial: Tutorial, number: signal.Signals) -> None:
    receiver = receiving(tutorial)

    receiver.send_signal(number)
    out, err = receiver.communicate(timeout=60)

    assert (receiver.returncode, out, err) == (130, "", "")


@only("kind", ["core"])
async def test_a_message_goes_back_where_we_are_stopped_as_it_is_taken(
    layer: LayerAdapter, broker: redis.Redis
) -> None:
    await layer.send("test_channel", {"type": "hello"})
    sent_at = broker.zrange("asgitest_channel", 0, -1, withscores=True)
    taker: Any = Taker(layer, "test_channel")  # type: ignore[arg-type] # of the core kind
    came: AsyncIterator[Any] = taker.arrivals()
    one = asyncio.ensure_future(anext(came))  # type: ignore[arg-type]
    # This client waits without the loop, so we see the answer given before it is read.
    while broker.zcard("asgitest_channel"):  # noqa: ASYNC110 - by steps of the loop
        await asyncio.sleep(0)
    one.cancel()
    [outcome] = await asyncio.gather(one, return_exceptions=True)
    left = broker.zrange("asgitest_channel", 0, -1, withscores=True)
    lives = broker.ttl("asgitest_channel")
    broker.delete("asgitest_channel")

    assert isinstance(outcome, asyncio.CancelledError)
    assert left == sent_at
    assert 0 < lives <= 60


@only("kind", ["core", "pubsub"])
def test_a_receive_outlives_its_server(kind: str) -> None:
    with valkey() as server, short_folder() as folder:
        tutorial = Tutorial(folder, kind, server.url)
        receiver = receiving(tutorial)
        assert receiver.stdout is not None
        server.kill()
        gap = json.loads(receiver.stdout.readline())
        server.start()
        over = json.loads(receiver.stdout.readline())
        wait_until(
            lambda: (
                tutorial.chatops("send", "test_channel", HELLO).returncode == 0
                and receiver.poll() is not None
            ),
            "a message to arrive",
        )
        out, _ = receiver.communicate(timeout=60)

    assert (gap["kind"], gap["channel"], gap["seconds"]) == ("gap", "test_channel", None)
    assert over["seconds"] > 0
    assert lines(out)[0]["body"]["type"] == "hello"


async def test_a_note_is_talk_and_not_a_result(layer: LayerAdapter) -> None:
    assert Note(note="careful").said == "careful"
