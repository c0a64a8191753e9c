"""Writing who is where, many at once, in SQL that SQLite and PostgreSQL both speak. It blocks.

By hand as in `chat/store.py`: who comes in waits for it, and Django's `bulk_create` takes most of
the time of that.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from chat.attendance import Seat

_ALIVE = (
    "INSERT INTO chat_server (id, seen_at) VALUES (%s, %s)"
    " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
)
_HERE = (
    "INSERT INTO chat_presence (id, server_id, room, name, guest, person, joined_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name"
)
_GONE = "DELETE FROM chat_presence WHERE id = %s"
_TAKEN = (
    "INSERT INTO chat_name (room, likeness, name, person, seen_at) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (room, likeness) DO UPDATE"
    " SET name = excluded.name, person = excluded.person, seen_at = excluded.seen_at"
)
_SEEN = "UPDATE chat_name SET seen_at = %s WHERE room = %s AND person = %s AND name = %s"
_TURN = "UPDATE chat_roomstate SET people = people + 1 WHERE name IN ({})"
_TURNS = "SELECT name, people FROM chat_roomstate WHERE name IN ({})"

Value = UUID | datetime | str | bool | None
Parameters = Sequence[tuple[Value, ...]]


def alive(server: UUID) -> None:
    """Give a sign of life of a server process."""
    _each(_ALIVE, [(_key(server), _at(timezone.now()))])


def came(server: UUID, seats: Iterable[Seat]) -> None:
    """Write down sockets, or their other names."""
    host = _key(server)
    _each(
        _HERE,
        [(_key(s.key), host, s.room, s.name, s.guest, s.author, _at(s.joined_at)) for s in seats],
    )


def went(seats: Iterable[Seat]) -> None:
    """Strike out sockets."""
    _each(_GONE, [(_key(seat.key),) for seat in seats])


def taken(names: Iterable[tuple[str, str, str, str, datetime]]) -> None:
    """Write down names: the room, the likeness, the name, whose it is, since when."""
    _each(_TAKEN, [(*name, _at(at)) for *name, at in names])


def seen(names: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Write down when names were last used: the room, whose it is, the name, the time."""
    _each(_SEEN, [(_at(at), *name) for *name, at in names])


def turns(rooms: Collection[str]) -> dict[str, int]:
    """Count a change in each of these rooms, and return the numbers that they have by it."""
    if not rooms:
        return {}
    names = list(rooms)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(_TURN.format(marks), names)
        cursor.execute(_TURNS.format(marks), names)
        return dict(cursor.fetchall())


def _each(statement: str, parameters: Parameters) -> None:
    if parameters:
        with connection.cursor() as cursor:
            cursor.executemany(statement, parameters)


def _key(key: UUID) -> UUID | str:
    return key if connection.features.has_native_uuid_field else key.hex


def _at(at: datetime) -> Value:
    return connection.ops.adapt_datetimefield_value(at)
