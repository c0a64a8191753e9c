"""The embedded broker starts once, is shared, and ends with its last client."""

import os
import signal

import pytest
from broker_place import Place
from redis import Redis

from chatsite import broker

SHORT = """
import os
from chatsite import broker
for _ in range(20):
    child = os.fork()
    if not child:
        try:
            broker.ensure()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
"""
RELOADING = """
import pathlib, signal
import django
from django.conf import settings
from django.utils import autoreload

def serve():
    django.setup()
    from chatsite import broker
    broker.ensure()
    print("ready", flush=True)
    signal.pause()

def watch(sender, **_):
    sender.extra_files.add(pathlib.Path(__file__).with_name("watched.py"))

settings.configure()
autoreload.autoreload_started.connect(watch)
autoreload.run_with_reloader(serve)
"""


def test_twenty_processes_at_once_share_one_server(place: Place) -> None:
    clients = [place.open() for _ in range(20)]
    for client in clients:
        client.ready()

    assert len(place.processes()) == 2
    assert len(place.supervisors()) == 1


def test_the_server_stays_when_the_process_that_started_it_is_killed(place: Place) -> None:
    starter = place.join()
    server = place.server()
    place.join()

    starter.kill()

    assert place.is_locked("clients.lock")
    assert place.server() == server


def test_the_server_ends_after_its_last_client_was_killed(place: Place) -> None:
    client = place.join()

    client.kill()
    place.wait_until_empty()

    assert not place.is_locked("server.lock")
    assert not place.socket.exists()


def test_who_comes_within_the_grace_finds_the_same_server(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_BROKER_GRACE", "60")
    place.join().leave()
    server = place.server()

    place.join()

    assert place.server() == server


def test_a_clean_shutdown_ends_server_and_supervisor(place: Place) -> None:
    place.join()

    with Redis.from_url(broker.url()) as wire:
        wire.shutdown()
    place.wait_until_empty()

    assert not place.is_locked("server.lock")


def test_ending_the_supervisor_ends_the_server(place: Place) -> None:
    place.join()

    os.kill(place.supervisors()[0], signal.SIGTERM)
    place.wait_until_empty()

    assert not place.is_locked("server.lock")


def test_no_client_fails_while_the_server_stops_and_starts(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_BROKER_GRACE", "0.01")

    drivers = [place.open(SHORT) for _ in range(3)]
    said = [(driver.process.communicate()[1], driver.process.returncode) for driver in drivers]

    assert said == [("", 0)] * 3


def test_the_server_does_not_hold_its_starter_s_output_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_BROKER_GRACE", "60")

    starter = place.attempt()  # reads to the end of both pipes

    assert (starter.stdout, starter.stderr) == ("", "")
    assert place.server()


def test_the_autoreloader_keeps_the_server_and_ctrl_c_ends_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_BROKER_GRACE", "5")
    watched = place.base / "watched.py"
    watched.touch()
    script = place.base / "serve.py"
    script.write_text(RELOADING)
    reloading = place.open(script).ready()
    server = place.server()

    os.utime(watched, (0, 2_000_000_000))
    reloading.ready()
    after = place.server()
    os.killpg(reloading.process.pid, signal.SIGINT)
    reloading.leave()
    place.wait_until_empty()

    assert after == server
