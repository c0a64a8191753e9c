"""Looking into the database for what the broker did not bring: messages, people, acts of staff."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from chat.broker.listener import Listener
from chat.live import people
from chat.live.hall import Hall
from chat.models import RoomState, Server
from chat.records import database, history, rules
from chat.records.presence import Register

logger = logging.getLogger(__name__)

GRACE = 0.02
"""Seconds in which a message that was overtaken usually comes by itself."""

AT_ONCE = 500
"""Messages fetched, or rooms asked about, at once."""


@dataclass(slots=True, eq=False)
class Here:
    """A room of this process with what keeps it up to date."""

    hall: Hall
    listener: Listener
    visitors: int = 0
    people: int = 0  # the number of changes that the last look saw
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def do(self, name: str, work: Callable[["Here"], Coroutine[Any, Any, None]]) -> None:
        """Have something done that is not under way."""
        if name not in self.tasks or self.tasks[name].done():
            self.tasks[name] = asyncio.create_task(work(self), name=f"chat {name}")

    def stop(self) -> None:
        """Have nothing more done."""
        self.listener.stop()
        for task in self.tasks.values():
            task.cancel()


async def fetch(here: Here) -> None:
    """Deliver what the database has and the room has not heard."""
    await asyncio.sleep(GRACE)
    hall = here.hall
    doubtful = hall.doubtful()
    more = True
    while more:
        after = hall.last or 0
        try:
            page = await database.reading.run(lambda: history.run(hall.name, after, AT_ONCE))  # noqa: B023 - awaited here
        except database.AWAY as error:
            logger.warning("What was said in %s could not be read: %s", hall.name, error)
            return  # the next look tries again
        hall.caught_up(page)
        more = page.more
    hall.forget(doubtful, page.last)


async def gather(here: Here) -> None:
    """Tell a room's watchers who is there, as the database has it."""
    hall = here.hall
    hall.crowd.reading()
    with suppress(*database.AWAY):  # the next look tries again
        hall.crowd.read(*await database.reading.run(lambda: people.rows_of(hall.name)))


async def obey(here: Here) -> None:
    """Have what staff did hold here."""
    hall = here.hall
    after = hall.rules.act if hall.rules is not None else 0
    with suppress(*database.AWAY):  # the next look tries again
        found = await database.reading.run(
            lambda: (rules.read(hall.name), rules.erased_since(hall.name, after))
        )
        hall.ruled(*found)


class Lookout:
    """Compares the rooms of a process with the database."""

    def __init__(self, rooms: Mapping[str, Here], register: Register) -> None:
        self._rooms = rooms
        self._register = register
        self._silent: set[str] = set()

    async def look(self, *, at_once: bool) -> None:
        """Look at all rooms once, and have fetched what is missing; raises `database.AWAY`.

        What changed since the last look is given time to come by itself; not with `at_once`.
        """
        names = list(self._rooms)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            rows, alive = await database.reading.run(lambda: _read(some))  # noqa: B023 - awaited here
            self._compare(rows, alive, at_once=at_once)

    def _compare(
        self, rows: Sequence[tuple[str, int, int, int]], alive: set[str], *, at_once: bool
    ) -> None:
        alive.add(self._register.server.hex)
        woke = self._silent & alive
        self._silent -= alive
        for name, last, turn, act in rows:
            here = self._rooms.get(name)
            if here is None:
                continue
            hall = here.hall
            if hall.last is not None and hall.last < last:
                here.do("fetches", fetch)
            if hall.rules is not None and hall.rules.act < act:
                here.do("obeys", obey)
            seen = turn if at_once else here.people
            behind = hall.crowd.turn < seen or turn < here.people  # or begins again
            if hall.crowd.watched and (woke or behind):
                here.do("gathers", gather)
            here.people = turn
            if self._register.steady:
                self._silent |= hall.crowd.only(alive)


def _read(names: Sequence[str]) -> tuple[list[tuple[str, int, int, int]], set[str]]:
    rows = RoomState.objects.filter(name__in=names)
    alive = {server.id.hex for server in Server.objects.alive()}
    return list(rows.values_list("name", "last", "people", "acts")), alive
