"""The embedded broker lives in a folder of its user's own, and nobody else gets in."""

import os
import subprocess
import sys

import pytest
from broker_place import Place, mode
from processes import ROOT
from redis import Redis

from chatsite import broker

NOBODY = 65534
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user too")
STRANGER = f"""
import os, socket, sys
wire = socket.socket(socket.AF_UNIX)
os.setuid({NOBODY})
try:
    wire.connect(sys.argv[1])
except PermissionError:
    sys.exit(77)
"""


def test_folder_and_socket_are_open_to_their_user_only(place: Place) -> None:
    place.join()

    assert mode(place.folder) == 0o700
    assert mode(place.socket) == 0o600
    assert {mode(file) for file in place.folder.iterdir()} == {0o600}


def test_there_is_no_tcp_port_and_nothing_on_disk_and_a_bound(place: Place) -> None:
    place.join()

    with Redis.from_url(broker.url(), decode_responses=True) as wire:
        told = wire.config_get("port", "save", "appendonly", "maxmemory", "maxmemory-policy")

    assert told == {
        "port": "0",
        "save": "",
        "appendonly": "no",
        "maxmemory": str(128 * 1024**2),
        "maxmemory-policy": "noeviction",
    }


@ROOT_ONLY
@pytest.mark.parametrize("opened", ["neither", "folder"])
def test_another_user_is_refused(place: Place, opened: str) -> None:
    place.join()
    place.base.chmod(0o755)
    if opened == "folder":  # the socket's own mode is a second door
        place.folder.chmod(0o755)

    stranger = subprocess.run([sys.executable, "-c", STRANGER, place.socket], cwd=ROOT, check=False)

    assert stranger.returncode == 77


@ROOT_ONLY
def test_a_folder_of_another_user_is_refused(place: Place) -> None:
    place.folder.mkdir(mode=0o700)
    os.chown(place.folder, NOBODY, NOBODY)

    error = place.attempt().stderr

    assert error.startswith(f"{place.folder} belongs to another user (uid {NOBODY})")
    assert error.count("\n") == 1


def test_a_link_is_refused(place: Place) -> None:
    target = place.base / "target"
    target.mkdir(mode=0o700)
    place.folder.symlink_to(target)

    error = place.attempt().stderr

    assert error.startswith(f"{place.folder} is a link")
    assert not list(target.iterdir())


def test_a_folder_open_to_others_is_refused_and_its_mode_left_alone(place: Place) -> None:
    place.folder.mkdir()
    place.folder.chmod(0o755)

    error = place.attempt().stderr

    assert "is open to other users (mode 0755); chmod 700 it" in error
    assert mode(place.folder) == 0o755


@pytest.mark.parametrize("name", ["", "broker.sock", "clients.lock", "server.lock", "broker.log"])
def test_a_thing_in_the_way_is_one_clear_error_and_stays(place: Place, name: str) -> None:
    obstacle = place.folder / name
    if name == "":
        obstacle.write_text("mine")
    elif name == "broker.sock":
        obstacle.parent.mkdir(mode=0o700)
        obstacle.write_text("mine")
    else:
        obstacle.mkdir(mode=0o700, parents=True)
        obstacle.parent.chmod(0o700)

    error = place.attempt().stderr

    assert str(obstacle) in error
    assert error.count("\n") == 1
    assert obstacle.is_dir() or obstacle.read_text() == "mine"
