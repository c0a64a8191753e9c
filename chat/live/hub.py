"""All the rooms of one server process, between the database, the broker and the sockets.

The database is the truth and the broker the fast path: what the broker lost, or brought out of
order, is fetched. So this process is in a room's group once, however many sockets it has there,
and a broker that is away delays what others say by a second, and loses none of it.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from chat.broker.listener import Listener
from chat.broker.publisher import Publisher
from chat.live.crowd import Crowd
from chat.live.flood import Allowances
from chat.live.hall import Hall
from chat.live.hearing import heard
from chat.live.lookout import Here, Lookout, fetch, gather, obey
from chat.live.missed import missed
from chat.live.replies import state
from chat.live.rounds import Rounds
from chat.live.vouching import Vouching
from chat.protocol import seals, signals
from chat.protocol.events import Message
from chat.protocol.rooms import groups
from chat.records import database
from chat.records.grouped import Grouped
from chat.records.history import Page
from chat.records.presence import Register
from chat.records.store import Said, Stored, store

logger = logging.getLogger(__name__)

JOIN_PATIENCE = 2.0
"""Seconds that somebody who comes in waits for the broker; then the database has to do."""


class Hub:
    """What the sockets of one event loop share."""

    def __init__(self) -> None:
        self._here: dict[str, Here] = {}
        self._leaving: dict[str, Listener] = {}
        self._publisher = Publisher(self._broker_changed)
        self._writer: Grouped[Said, Stored] = Grouped(self._store)
        self.register = Register(self._people_changed)
        self.allowances = Allowances()
        self.vouching = Vouching()
        lookout = Lookout(self._here, self.register)
        self._rounds = Rounds(self._here, self._publisher, lookout, self.vouching)

    @property
    def broker_away(self) -> bool:
        """Whether other processes hear of what is said here by the database alone."""
        return self._publisher.away

    async def say(self, room: str, message: Message) -> Stored:
        """Store a message and deliver it; returns after its commit.

        Raises one of `database.AWAY`, and then it may have been stored all the same:
        saying it again under the same ref is harmless.
        """
        return await self._writer.ask(Said(room=room, message=message))

    @contextmanager
    def visit(self, room: str) -> Iterator[Hall]:
        """Keep a room open here, and this process in its group, for as long as the block."""
        here = self._here.get(room) or self._open(room)
        here.visitors += 1
        try:
            yield here.hall
        finally:
            here.visitors -= 1
            if not here.visitors:
                self._close(room, here)

    async def missed(self, hall: Hall, after: int) -> Page:
        """Return what was said after a number, so that `hall.admit` can go on from its end.

        That holds until the caller awaits something. Raises one of `database.AWAY`.
        """
        await self._joined(self._here[hall.name].listener)
        return await missed(hall, after)

    async def _joined(self, listener: Listener) -> None:
        if self.broker_away or listener.joined.is_set():
            return
        try:
            async with asyncio.timeout(JOIN_PATIENCE):
                await listener.joined.wait()
        except TimeoutError:
            self._publisher.failed()

    # ------------------------------------------------------------ what is said here

    async def _store(self, said: Sequence[Said]) -> list[Stored]:
        done = await database.writing.run(lambda: store(said))
        fresh: dict[str, list[Message]] = {}
        for stored in done:
            if stored.fresh:
                fresh.setdefault(stored.room, []).append(stored.message)
        for room, messages in fresh.items():
            here = self._here.get(room)
            if here is not None:
                here.hall.arrived(*messages)
            group = here.listener.group if here is not None else groups.group(room)
            for message in messages:
                self._publisher.put(group, seals.sealed(room, message.event()))
        return done

    def acted(self, room: str, act: int) -> None:
        """Have an act of staff hold here, and in the other processes."""
        self._here[room].do("obeys", obey)
        self._publisher.put(groups.group(room), signals.act(act))

    def typing(self, room: str, author: str, name: str) -> None:
        """Tell who watches a room that somebody is typing, where anybody else is there."""
        crowd = self._here[room].hall.crowd
        if crowd.alone:
            return
        crowd.typing(author, name)
        self._publisher.put(groups.group(room), signals.typing(author, name))

    def _people_changed(self, room: str, event: dict[str, Any]) -> None:
        if here := self._here.get(room):
            here.hall.moved(event)
        self._publisher.put(groups.group(room), seals.sealed(room, event))

    # ------------------------------------------------------------ what others say

    def _open(self, room: str) -> Here:
        crowd = Crowd(lambda: self._here[room].do("gathers", gather))
        hall = Hall(room, lambda hall: self._here[hall.name].do("fetches", fetch), crowd)
        listener = Listener(groups.group(room), lambda event: self._heard(room, event), self._lost)
        self._here[room] = here = Here(hall, listener)
        listener.start(self._leaving.pop(room, None))
        self._rounds.begin()
        return here

    def _close(self, room: str, here: Here) -> None:
        del self._here[room]
        here.stop()
        # Whoever opens it again waits until this one has left.
        self._leaving = {n: each for n, each in self._leaving.items() if not each.stopped}
        self._leaving[room] = here.listener
        if not self._here:
            self._rounds.end()

    def _heard(self, room: str, event: object) -> None:
        here = self._here.get(room)
        if here is not None:
            heard(here, event)

    # ------------------------------------------------------------ the broker

    def _lost(self) -> None:
        """Take note that a listener failed; a fresh broker knows none of our groups."""
        self._publisher.failed()

    def _broker_changed(self) -> None:
        if not self.broker_away:
            self._rounds.join_again()
        text = state(away=self.broker_away)
        for here in self._here.values():
            here.hall.tell(text, paged=True)


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _hubs.get(loop)
    if found is None:
        for closed in [each for each in _hubs if each.is_closed()]:
            del _hubs[closed]  # its hub has tasks, which hold it
        found = _hubs[loop] = Hub()
    return found
