"""Browsers' sessions, read for many sockets at once, and whether they are still what they were."""

from collections.abc import Iterable, Sequence
from time import monotonic

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from chat.records import database
from chat.records.grouped import Grouped

TRUSTED = 10.0
"""Seconds after which a session that looks the same is looked into all the same: its account
may have been locked, or have another password."""


class Watch:
    """One socket's session."""

    __slots__ = ("_data", "_session", "_until")

    def __init__(self, session: SessionBase) -> None:
        self._session = session
        self._data: str | None = None
        self._until = 0.0

    @property
    def stored_under(self) -> str | None:
        """The key of its row; None where sessions are kept elsewhere, or there is none."""
        return self._session.session_key if isinstance(self._store(), SessionStore) else None

    async def changed(self) -> bool:
        """Tell whether the session has to be looked into; raises one of `database.AWAY`."""
        key = self._session.session_key
        if key is None:  # nothing joins this socket to anything that could change
            return False
        data = await _stored.ask(key) if isinstance(self._store(), SessionStore) else None
        if data is not None and data == self._data and monotonic() < self._until:
            return False
        self._data, self._until = data, monotonic() + TRUSTED
        return True

    def _store(self) -> object:
        # A socket's session is Channels' lazy wrapper around the store.
        return getattr(self._session, "_wrapped", self._session)


def load(sessions: Iterable[SessionBase]) -> None:
    """Read those that Django keeps in the database; the others read themselves. It blocks."""
    stored = [each for each in sessions if type(each) is SessionStore]
    rows = Session.objects.filter(session_key__in={each.session_key for each in stored})
    alive = rows.filter(expire_date__gt=timezone.now())
    found = dict(alive.values_list("session_key", "session_data"))
    for each in stored:
        if data := found.get(each.session_key or ""):
            each._session_cache = each.decode(data)  # type: ignore[attr-defined]  # noqa: SLF001 - as its own `load` does


def _read(keys: Sequence[str]) -> list[str | None]:
    rows = Session.objects.filter(session_key__in=set(keys))
    found = dict(rows.values_list("session_key", "session_data"))
    return [found.get(key) for key in keys]


async def _in_its_thread(keys: Sequence[str]) -> list[str | None]:
    return await database.reading.run(lambda: _read(keys))


_stored: Grouped[str, str | None] = Grouped(_in_its_thread)
