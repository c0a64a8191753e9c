"""Whatever is killed, stopped or left behind, the embedded broker comes back or says why not."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest
from broker_place import Place
from channels_redis.pubsub import RedisPubSubChannelLayer
from processes import DEADLINE

from chatsite import broker, locks


def test_a_killed_server_comes_back_under_the_same_supervisor(place: Place) -> None:
    place.join()
    killed, supervisors = place.server(), place.supervisors()

    os.kill(killed, signal.SIGKILL)
    place.next_server(after=killed)

    assert place.supervisors() == supervisors


async def test_a_group_hears_again_after_the_server_was_killed(place: Place) -> None:
    place.join()
    killed = place.server()
    layer = RedisPubSubChannelLayer(hosts=[{"address": broker.url(), "protocol": 2}])
    channel = await layer.new_channel()
    await layer.group_add("room", channel)

    os.kill(killed, signal.SIGKILL)
    place.next_server(after=killed)
    heard = await hear(layer, channel)
    await layer.flush()

    assert heard == {"type": "again"}


async def hear(layer: RedisPubSubChannelLayer, channel: str) -> object:
    """Send to the group until its member, which subscribes again by itself, gets it."""
    receiving = asyncio.create_task(layer.receive(channel))
    async with asyncio.timeout(DEADLINE):
        while not receiving.done():
            await layer.group_send("room", {"type": "again"})
            await asyncio.wait([receiving], timeout=0.05)
    return receiving.result()


def test_a_server_that_keeps_crashing_is_given_up_and_the_next_caller_starts_afresh(
    place: Place,
) -> None:
    place.join()

    server = place.server()
    for _ in range(5):
        os.kill(server, signal.SIGKILL)
        server = place.next_server(after=server)
    os.kill(server, signal.SIGKILL)
    place.wait_until_empty()
    log = place.log
    place.join()

    assert "giving up" in log
    assert place.server() != server


def test_a_stale_socket_of_killed_processes_is_no_obstacle(place: Place) -> None:
    place.join()
    killed = place.server()
    for pid in (*place.supervisors(), killed):
        os.kill(pid, signal.SIGKILL)
    place.wait_until_empty()
    stale = place.socket.exists()

    place.join()

    assert stale
    assert place.server() != killed


def test_a_killed_supervisor_leaves_a_server_that_can_still_be_joined(place: Place) -> None:
    place.join()
    server = place.server()

    os.kill(place.supervisors()[0], signal.SIGKILL)
    place.join()

    assert place.server() == server


def test_a_stopped_server_is_one_clear_error_and_no_second_server(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.join()
    stopped = place.server()
    monkeypatch.setenv("CHAT_BROKER_PATIENCE", "0.3")

    os.kill(stopped, signal.SIGSTOP)
    refused = place.attempt()
    count = len(place.processes())
    os.kill(stopped, signal.SIGCONT)

    assert "runs but does not answer" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert count == 2


def test_a_stopped_server_that_nobody_uses_is_ended_by_force(place: Place) -> None:
    client = place.join()
    os.kill(place.server(), signal.SIGSTOP)

    client.leave()
    place.wait_until_empty()

    assert not place.is_locked("server.lock")


def test_a_stuck_shutdown_is_one_clear_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.join()
    monkeypatch.setenv("CHAT_BROKER_PATIENCE", "0.3")
    for client in place.clients:
        client.kill()
    place.wait_until_empty()
    held = locks.take(place.folder / "clients.lock")  # as a supervisor that never ends would

    refused = place.attempt()

    assert held is not None
    os.close(held)
    assert "is stuck while it stops" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_removed_run_folder_is_made_again(place: Place) -> None:
    place.join().leave()
    place.wait_until_empty()
    shutil.rmtree(place.folder)

    place.join()

    assert place.server()


def test_the_log_is_bounded_while_the_server_talks(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = place.base / "talker"
    talker.write_text(f'#!/bin/sh\nhead -c 3000000 /dev/zero\nexec "{broker.find_server()}" "$@"\n')
    talker.chmod(0o700)
    monkeypatch.setenv("VALKEY_SERVER", str(talker))

    place.join()
    size = Path(place.folder / "broker.log").stat().st_size

    assert place.server()
    assert size <= 1_000_000


def test_a_long_log_is_put_aside_when_the_server_starts(place: Place) -> None:
    place.folder.mkdir(mode=0o700)
    log = place.folder / "broker.log"
    log.write_text("old\n" * 200_000)

    place.join()

    assert "old" not in place.log
    assert "old" in (place.folder / "broker.log.1").read_text()


def test_a_full_log_does_not_stop_the_restart_of_a_server(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    test_the_log_is_bounded_while_the_server_talks(place, monkeypatch)
    killed = place.server()

    os.kill(killed, signal.SIGKILL)

    assert place.next_server(after=killed)
