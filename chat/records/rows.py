"""Writing who is where, many at once, in SQL that SQLite and PostgreSQL both speak. It blocks.

By hand as in `chat/records/store.py`: who comes in waits for it, and most of its time would go
into Django's querysets.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from chat.protocol.attendance import Seat

_ALIVE = "UPDATE chat_server SET seen_at = %s WHERE id = %s"
_BORN = "INSERT INTO chat_server (seen_at, id) VALUES (%s, %s)"
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
_NAMES = (
    "SELECT room, likeness, name, person, seen_at FROM chat_name"
    " WHERE room IN ({}) AND likeness IN ({})"
)
_EXPELLED = "SELECT 1 FROM chat_restriction WHERE kind = 'expel' AND room IN ({}) LIMIT 1"

Value = UUID | datetime | str | bool | None
Parameters = Sequence[tuple[Value, ...]]


def alive(server: UUID) -> bool:
    """Give a sign of life of a server process; tell whether its row was still there."""
    with connection.cursor() as cursor:
        sign = _moments()(timezone.now()), _keys()(server)
        cursor.execute(_ALIVE, sign)
        there = bool(cursor.rowcount)
        if not there:
            cursor.execute(_BORN, sign)
    return there


def came(server: UUID, seats: Iterable[Seat]) -> None:
    """Write down sockets, or their other names."""
    key, at = _keys(), _moments()
    host = key(server)
    _each(
        _HERE,
        [(key(s.key), host, s.room, s.name, s.guest, s.author, at(s.joined_at)) for s in seats],
    )


def went(seats: Iterable[Seat]) -> None:
    """Strike out sockets."""
    key = _keys()
    _each(_GONE, [(key(seat.key),) for seat in seats])


def taken(names: Iterable[tuple[str, str, str, str, datetime]]) -> None:
    """Write down names: the room, the likeness, the name, whose it is, since when."""
    moment = _moments()
    _each(_TAKEN, [(*name, moment(at)) for *name, at in names])


def seen(names: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Write down when names were last used: the room, whose it is, the name, the time."""
    moment = _moments()
    _each(_SEEN, [(moment(at), *name) for *name, at in names])


def named(
    rooms: Collection[str], likes: Collection[str]
) -> list[tuple[str, str, str, str, datetime]]:
    """Return the names in these rooms that are like any of these."""
    if not likes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_NAMES.format(_marks(rooms), _marks(likes)), [*rooms, *likes])
        return [(*name, at if at.tzinfo else at.replace(tzinfo=UTC)) for *name, at in cursor]


def any_expelled(rooms: Collection[str]) -> bool:
    """Tell whether anybody was ever removed from one of these rooms, and not let back in."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPELLED.format(_marks(rooms)), [*rooms])
        return cursor.fetchone() is not None


def turns(rooms: Collection[str]) -> dict[str, int]:
    """Count a change in each of these rooms, and return the numbers that they have by it."""
    if not rooms:
        return {}
    names, marks = list(rooms), _marks(rooms)
    with connection.cursor() as cursor:
        cursor.execute(_TURN.format(marks), names)
        cursor.execute(_TURNS.format(marks), names)
        return dict(cursor.fetchall())


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))


def _each(statement: str, parameters: Parameters) -> None:
    if parameters:
        with connection.cursor() as cursor:
            cursor.executemany(statement, parameters)


def _keys() -> Callable[[UUID], UUID | str]:
    native = connection.features.has_native_uuid_field  # asked once: `connection` is a slow proxy
    return (lambda key: key) if native else (lambda key: key.hex)


def _moments() -> Callable[[datetime], Value]:
    adapted: Callable[[datetime], Value] = connection.ops.adapt_datetimefield_value
    return adapted
