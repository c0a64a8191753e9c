"""The embedded broker works at any path, and its socket moves where a path is too long."""

import os
import socket
from pathlib import Path

import pytest
from broker_place import Place, mode
from processes import ROOT

from chatsite import broker, runfolder

LONG = "/".join(["x" * 40] * 4)  # below a short folder: a socket's path of about 190 bytes


@pytest.mark.parametrize(
    "name",
    [LONG, "with spaces", "é ü 漢字", "a#b", "50%", "50%25", "what?", "a;b&c=d", "q'\"\\n"],
)
def test_any_path_works(place: Place, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CHAT_RUN_DIR", str(place.base / name))

    place.join()

    assert place.server()
    assert place.moved is (len(name) > 100)


def test_a_path_that_is_no_text_works(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_RUN_DIR", os.fsdecode(os.fsencode(place.base) + b"/\xff"))

    place.join()

    assert place.server()


def test_a_socket_that_moved_is_as_private_and_leaves_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_RUN_DIR", str(place.base / LONG))
    client = place.join()
    modes = mode(place.socket.parent), mode(place.socket)

    client.leave()
    place.wait_until_empty()

    assert modes == (0o700, 0o600)
    assert f"-{os.geteuid()}-" in place.socket.parent.name
    assert not place.socket.parent.exists()


def test_somebody_else_s_broker_in_the_temporary_folder_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_RUN_DIR", str(place.base / LONG))
    planted = place.socket.parent
    planted.mkdir()
    planted.chmod(0o777)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.socket))
        listener.listen()

        error = place.attempt().stderr
    planted.chmod(0o700)

    assert error.startswith(f"{planted} is open to other users")


@pytest.mark.parametrize("size", [100, 101])
def test_the_socket_moves_when_its_path_is_longer_than_100_bytes(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    folder = "/" + "é" * ((size - 13) // 2) + "x" * ((size - 13) % 2)
    monkeypatch.setenv("CHAT_RUN_DIR", folder)

    path = runfolder.socket_path()

    assert (path == Path(folder) / "broker.sock") is (size == 100)


def test_computing_the_url_touches_no_disk(place: Place) -> None:
    url = broker.url()

    assert url == f"unix://{place.folder}/broker.sock?db=0"
    assert not place.folder.exists()


def test_the_run_folder_stands_beside_manage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAT_RUN_DIR", raising=False)

    folder = runfolder.run_folder()

    assert folder == ROOT / ".run"


def test_a_relative_run_folder_means_the_same_from_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHAT_RUN_DIR", "elsewhere")
    monkeypatch.chdir(tmp_path)

    folder = runfolder.run_folder()

    assert folder == ROOT / "elsewhere"
