"""A run folder of its own for each test, and nothing left after it."""

from collections.abc import Iterator

import pytest
from broker_place import Place
from processes import short_folder


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Lend a run folder in which nothing runs yet; end by pid what runs afterwards."""
    with short_folder() as base:
        monkeypatch.setenv("CHAT_RUN_DIR", str(base / "run"))
        monkeypatch.setenv("CHAT_BROKER_GRACE", "0.2")
        monkeypatch.setenv("CHAT_BROKER_PATIENCE", "60")
        monkeypatch.delenv("VALKEY_SERVER", raising=False)
        place = Place(base)
        try:
            yield place
        finally:
            place.clear()
            if place.moved and place.socket.parent.is_dir():
                place.socket.unlink(missing_ok=True)
                place.socket.parent.rmdir()
