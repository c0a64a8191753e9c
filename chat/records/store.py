"""Storing what is said, many messages at once. It blocks; `database.py` has the thread.

In SQL by hand, which SQLite and PostgreSQL both speak: with Django's `bulk_create` and
`bulk_update` a message costs five times as much, and a busy room is bounded by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from chat.protocol.events import Message
from chat.records import history

_LOOK = "SELECT name, last FROM chat_roomstate WHERE name IN ({names})"
# None where one is missing: who has locked some must not wait for who inserts the others.
_LOCK = (
    "SELECT name, last FROM chat_roomstate WHERE name IN ({names})"
    " AND (SELECT count(*) FROM chat_roomstate WHERE name IN ({names})) = {number}"
    " ORDER BY name FOR UPDATE"
)
_OPEN = "INSERT INTO chat_roomstate (name, last) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_COUNT = "UPDATE chat_roomstate SET last = %s WHERE name = %s"
_STORED = "SELECT id FROM chat_message WHERE id IN ({})"
_ADD = (
    "INSERT INTO chat_message (id, room, number, text, name, guest, author, ref, at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message to be stored, and the room that it was said in."""

    room: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A message as it is stored; `fresh` is false where it was stored before."""

    room: str
    message: Message
    fresh: bool


def store(group: Sequence[Said]) -> list[Stored]:
    """Store messages in one transaction, each under the next number of its room.

    A message whose id is stored already keeps the number that it has: sending again is harmless.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        was = lock(cursor, sorted({said.room for said in group}))
        # After the lock, or the same message on its way through another process were missed.
        known = _known(cursor, [said.message.id for said in group if said.message.ref])
        lasts, done = dict(was), []
        for said in group:
            message = known.get(said.message.id)
            fresh = message is None
            if message is None:
                lasts[said.room] += 1
                message = replace(said.message, number=lasts[said.room])
                known[message.id] = message
            done.append(Stored(room=said.room, message=message, fresh=fresh))
        new = [stored for stored in done if stored.fresh]
        cursor.executemany(_ADD, [_row(stored) for stored in new])
        moved = [(last, name) for name, last in lasts.items() if last != was[name]]
        cursor.executemany(_COUNT, moved)
    return done


def lock(cursor: CursorWrapper, names: Sequence[str]) -> dict[str, int]:
    """Lock these rooms until the transaction's end, in one order for all; return their numbers.

    SQLite has one lock for everything, which the beginning of the transaction has taken.
    """
    rooms = _rooms(cursor, names)
    if len(rooms) < len(names):
        cursor.executemany(_OPEN, [(name,) for name in names])
        rooms = _rooms(cursor, names)
    return rooms


def _rooms(cursor: CursorWrapper, names: Sequence[str]) -> dict[str, int]:
    marks = ", ".join(["%s"] * len(names))
    if connection.features.has_select_for_update:
        cursor.execute(_LOCK.format(names=marks, number=len(names)), [*names, *names])
    else:
        cursor.execute(_LOOK.format(names=marks), names)
    return dict(cursor.fetchall())


def _known(cursor: CursorWrapper, ids: Sequence[str]) -> dict[str, Message]:
    if not ids:
        return {}
    cursor.execute(_STORED.format(", ".join(["%s"] * len(ids))), ids)
    return history.by_id([found for (found,) in cursor.fetchall()])


def _row(stored: Stored) -> list[str | int | bool | None]:
    message = stored.message
    return [
        message.id,
        stored.room,
        message.number,
        message.text,
        message.name,
        message.guest,
        message.author or "",
        message.ref or "",
        _moment(message.at),
    ]


@lru_cache(maxsize=64)
def _moment(at: str) -> str | None:
    """Return a time as the database takes it; what is said at once has the same one."""
    return connection.ops.adapt_datetimefield_value(datetime.fromisoformat(at))
