"""Rooms, members and ghosts on every set-up of servers that people run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Any

import brokers
import pytest
import redis
from application import BACKENDS, Application, configure, opened
from findings import spread
from servers import wait_until
from workers import bury, workers

from chatops.conf import Conf
from chatops.errors import Exit, LayerAway, Unsupported
from chatops.model.listing import Listing, Sort
from chatops.model.member import Life
from chatops.model.residue import Fate
from chatops.operations.prune import prune
from chatops.operations.rooms import list_rooms, watch_rooms
from chatops.project.rooms import room_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers import Valkey

    from chatops.layers.base import LayerAdapter
    from chatops.model.room import Room

NAMES = room_names(Conf())
only = pytest.mark.parametrize
RIGHTS = [
    *("+info", "+time", "+scan", "+zscan", "+zrange", "+zrangebyscore", "+zrevrangebyscore"),
    *("+zcount", "+zcard", "+zscore", "+zadd", "+zrem", "+expire", "+multi", "+exec"),
    *("+client|list", "+client|setinfo", "+unlink", "+ping", "+select"),
]


async def listed(layer: LayerAdapter, pattern: str = "*", **how: Any) -> list[Room]:
    layer.vouched = True
    return [each async for each in list_rooms(layer, NAMES, pattern, Listing(**how))]


@only("kind", ["core", "pubsub"])
async def test_rooms_on_four_hosts_are_all_listed_once(settings: Any, kind: str) -> None:
    with brokers.shards(4) as servers:
        async with opened(spread(settings, kind, *(each.url for each in servers))) as layer:
            running = Application("default")
            for number in range(20):
                await running.join(f"chat_room{number}")
            rooms = await listed(layer)
            await running.leave()
            await running.layer.close_pools() if kind == "core" else await running.layer.flush()
        homes = [len(each.ask("KEYS", "*")) for each in servers]

    assert sorted(str(each.room) for each in rooms) == sorted(f"room{n}" for n in range(20))
    assert {each.count for each in rooms} == {1}
    assert homes == [0, 0, 0, 0]


async def test_ghosts_on_four_hosts_are_found_and_removed(settings: Any) -> None:
    with brokers.shards(4) as servers:
        urls = [each.url for each in servers]
        alias = spread(settings, "core", *urls)
        hosts = settings.CHANNEL_LAYERS[alias]["CONFIG"]["hosts"]
        groups = [f"chat_room{number}" for number in range(8)]
        with workers(2, urls[0], *groups, hosts=hosts) as (living, dead):
            with ExitStack() as stack:
                bury([stack.enter_context(each.client()) for each in servers], dead)
            async with opened(alias) as layer:
                before = await listed(layer)
                done = [each async for each in prune(layer, NAMES, "*", do=True)]
                after = await listed(layer)
            got = living.got

    assert [(each.count, each.stale) for each in before] == [(2, 1)] * 8
    assert [each.fate for each in done[:-1]] == [Fate.REMOVED] * 8  # type: ignore[union-attr]
    assert [(each.count, each.stale) for each in after] == [(1, 0)] * 8
    assert got == []


def leads(replica: brokers.Broker) -> bool:
    """Tell whether it is the master by now; what becomes one drops its clients first."""
    try:
        return bool(replica.info()["role"] == "master")
    except redis.ConnectionError:
        return False


@only("kind", ["core", "pubsub"])
def test_a_failover_is_a_gap_in_what_is_watched_and_not_its_end(kind: str, tmp_path: Path) -> None:
    with brokers.watched() as (primary, replica, sentinels):
        host = {
            "sentinels": [["127.0.0.1", each.port] for each in sentinels],
            "master_name": "mymaster",
            "socket_timeout": None,
            "protocol": 2,
        }
        entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": [host]}}
        (tmp_path / "watched.py").write_text(f"CHANNEL_LAYERS = {{'default': {entry!r}}}\n")
        with (
            workers(1, primary.tcp, "chat_lobby", kind=kind, hosts=[host]),
            running(tmp_path, "rooms", "--watch", "200ms") as rooms,
            running(tmp_path, "tail", "lobby") as tail,
        ):
            seen_before = until(rooms.stdout, lambda line: line["kind"] == "room")
            until(tail.stderr, lambda line: line["kind"] == "ready")
            primary.kill()
            problem = until(rooms.stdout, lambda line: bool(line.get("problem")))
            gap = until(tail.stdout, lambda line: line["kind"] == "gap")
            wait_until(lambda: leads(replica), "a failover")
            until(tail.stdout, lambda line: line["kind"] == "gap" and bool(line["seconds"]))
            with workers(1, replica.tcp, "chat_lobby", kind=kind, hosts=[host]):
                seen_after = until(rooms.stdout, lambda line: line["kind"] == "room")
                said = command(tmp_path, "broadcast", "lobby", "after", "--type", "chat.after")
                message = until(tail.stdout, lambda line: line["kind"] == "message")

    assert (seen_before["room"], seen_after["room"]) == ("lobby", "lobby")
    assert problem["kind"] == "round"
    assert gap["seconds"] is None
    assert said.returncode == 0, said.stderr
    assert message["type"] == "chat.after"


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `chatops` with JSON on pipes, and end it as Ctrl-C does."""
    with subprocess.Popen(
        [sys.executable, "-m", "chatops", *arguments, "--json", "--settings", "watched"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatops", *arguments, "--settings", "watched"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def until(stream: IO[str] | None, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Read lines until one is what is wanted."""
    assert stream is not None
    for line in stream:
        if wanted(found := json.loads(line)):
            return dict(found)
    raise AssertionError("it ended")


async def test_with_few_rights_rooms_and_prune_work_and_touch_nothing_else(
    settings: Any,
) -> None:
    with brokers.broker() as server:
        url = server.user("ops", "~asgi*", *RIGHTS)
        with workers(2, server.url, "chat_lobby") as (_, dead):
            with server.client() as client:
                bury([client], dead)
            async with opened(configure(settings, "core", url)) as layer:
                [room] = await listed(layer)
                done = [each async for each in prune(layer, NAMES, "*", do=True)]

    assert (room.count, room.stale) == (2, 1)
    assert done[-1].exit is Exit.DONE
    assert [each.fate for each in done[:-1]] == [Fate.REMOVED]  # type: ignore[union-attr]


@only("kind", ["core", "pubsub"])
async def test_a_right_that_is_missing_is_named(settings: Any, kind: str) -> None:
    right = {"core": "+scan", "pubsub": "+pubsub|channels"}[kind]
    with brokers.broker() as server:
        url = server.user("ops", "~*", "&*", "+ping")
        async with opened(configure(settings, kind, url)) as layer:
            with pytest.raises(Unsupported) as caught:
                await listed(layer)

    assert f"ACL SETUSER ops {right}" in caught.value.told
    assert caught.value.exit is Exit.CANNOT


async def test_without_the_right_to_list_clients_nobody_is_called_a_ghost(settings: Any) -> None:
    with brokers.broker() as server:
        rights = [each for each in RIGHTS if not each.startswith("+client")]
        url = server.user("ops", "~asgi*", *rights, "+client|setinfo")
        with workers(1, server.url, "chat_lobby") as [dead]:
            dead.kill()
            async with opened(configure(settings, "core", url)) as layer:
                layer.vouched = True
                [member] = [each async for each in layer.members("chat_lobby")]
                [room] = await listed(layer)

    assert member.life is Life.SILENT
    assert room.stale is None


async def test_on_a_replica_rooms_are_counted_and_ghosts_are_not(settings: Any) -> None:
    with brokers.pair() as (primary, replica), workers(1, primary.url, "chat_lobby"):
        async with opened(configure(settings, "core", replica.url)) as layer:
            [room] = await listed(layer)
            done = [each async for each in prune(layer, NAMES, "*", do=True)]

    assert (room.count, room.stale) == (1, None)
    assert [each.fate for each in done[:-1]] == [Fate.KEPT]  # type: ignore[union-attr]


async def test_where_memory_is_full_rooms_are_counted_all_the_same(settings: Any) -> None:
    with brokers.broker() as server, workers(1, server.url, "chat_lobby"):
        server.ask("CONFIG", "SET", "maxmemory", "1")
        async with opened(configure(settings, "core", server.url)) as layer:
            [room] = await listed(layer)

    assert (room.count, room.stale) == (1, None)


async def test_rooms_are_sorted_and_limited(
    server: Valkey, broker: redis.Redis, settings: Any
) -> None:
    running = Application(configure(settings, "core", server.url))
    for number, size in enumerate((1, 3, 2)):
        for _ in range(size):
            await running.join(f"chat_{number}")
    async with opened("default") as layer:
        by_count = await listed(layer, sort=Sort.COUNT, limit=2)
        by_name = await listed(layer, sort=Sort.ROOM)
        by_age = await listed(layer, sort=Sort.OLDEST)
        latest = await listed(layer, sort=Sort.NEWEST)
        any_two = await listed(layer, limit=2)
        raw = await listed(layer, "chat_1", raw=True)
    await running.leave()
    await running.layer.close_pools()
    assert broker.keys("*") == []

    assert [each.room for each in by_count] == ["1", "2"]
    assert [each.room for each in by_name] == ["0", "1", "2"]
    assert [each.room for each in by_age] == ["0", "1", "2"]
    assert [each.room for each in latest] == ["2", "1", "0"]
    assert len(any_two) == 2
    assert [(each.room, each.group) for each in raw] == [(None, "chat_1")]


@only("kind", ["core", "pubsub"])
async def test_a_list_that_is_not_watched_ends_where_the_layer_is_away(
    settings: Any, kind: str
) -> None:
    configure(settings, kind, "unix:///nowhere/at/all.sock")
    async with opened("default") as layer:
        with pytest.raises(LayerAway):
            _ = [each async for each in watch_rooms(layer, NAMES, "*", Listing())]
