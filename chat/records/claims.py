"""Names that are taken, looked up and taken in one transaction. It blocks."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.utils import timezone

from chat.models import HELD, Name, Presence
from chat.protocol import likeness, names
from chat.protocol.attendance import Seat
from chat.records import rows

TRIES = 20
"""Names tried for a guest whose own is taken, before one is made up."""


class Taken(NamedTuple):
    """A row of `Name`, without what a model's object costs."""

    room: str
    likeness: str
    name: str
    person: str
    seen_at: datetime


class Claims:
    """What the guests of one transaction want to be called; their rooms are locked.

    A name is a guest's for as long as they are in the room under it, and for a minute after;
    an account's is its own in every room.
    """

    def __init__(self, wanted: Iterable[tuple[str, str]]) -> None:
        self._rows: dict[tuple[str, str], Taken | None] = {}
        self._taken: dict[tuple[str, str], Taken] = {}
        self._now = timezone.now()
        self._look(list(wanted))

    def claim(self, room: str, name: str, person: str) -> bool:
        """Take a name for a person; tell whether it was free, or theirs."""
        like = likeness.of(name)
        if ("", like) not in self._rows:
            self._look([(room, name)])
        if self._rows["", like] is not None:
            return False
        row = self._rows.get((room, like))
        if row is not None and row.person != person and _holds(row):
            return False
        taken = Taken(room, like, name, person, self._now)
        self._rows[room, like] = self._taken[room, like] = taken
        return True

    def write(self) -> None:
        """Write down the names that were taken, before anything else of the transaction."""
        rows.taken(self._taken.values())

    def claim_one(self, room: str, name: str, person: str) -> str:
        """Take a name, or one like it that is free; return which."""
        if self.claim(room, name, person):
            return name
        for number in range(2, TRIES):
            if self.claim(room, names.another(name, number), person):
                return names.another(name, number)
        while not self.claim(room, made_up := names.anonymous(), person):
            pass
        return made_up

    def _look(self, wanted: list[tuple[str, str]]) -> None:
        likes = {likeness.of(name) for _, name in wanted}
        rooms = {room for room, _ in wanted} | {""}
        self._rows.update({(room, like): None for room in rooms for like in likes})
        for row in map(Taken._make, rows.named(rooms, likes)):
            self._rows[row.room, row.likeness] = row


def release(seats: Iterable[Seat]) -> None:
    """Begin the minute for which names wait; at its end for who cannot come back."""
    now = timezone.now()
    ends = {True: now, False: now - HELD}
    rows.seen(sorted((s.room, s.author, s.name, ends[s.lasting]) for s in seats))


def free(name: str, person: str | None) -> bool:
    """Tell whether an account may be made of a name: nobody else has it, or one like it."""
    like = likeness.of(name)
    others = Name.objects.filter(likeness=like).exclude(person=person or "")
    return not any(row.room == "" or _holds(row) for row in _found(others))


def forget_old() -> None:
    """Delete the names that nobody came back for."""
    old = Name.objects.exclude(room="").filter(seen_at__lt=timezone.now() - 60 * HELD)
    used = Presence.objects.filter(room=models.OuterRef("room"), name=models.OuterRef("name"))
    old.exclude(models.Exists(used)).delete()


def _found(rows: "models.QuerySet[Name]") -> list[Taken]:
    return [Taken(*row) for row in rows.values_list(*Taken._fields)]


def _holds(row: Taken) -> bool:
    if row.seen_at > timezone.now() - HELD:
        return True
    here = Presence.objects.here().filter(room=row.room, person=row.person, name=row.name)
    return here.exists()
