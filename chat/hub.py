"""All the rooms of one server process, between the database, the broker and the sockets.

The database is the truth and the broker the fast path: what the broker lost, or brought out of
order, is fetched. So this process is in a room's group once, however many sockets it has there,
and a broker that is away delays what others say by a second, and loses none of it.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from weakref import WeakKeyDictionary

from chat import database, history
from chat.events import READERS, Message
from chat.grouped import Grouped
from chat.hall import Hall
from chat.history import Page
from chat.listener import Listener
from chat.publisher import Publisher
from chat.replies import state
from chat.rooms import groups
from chat.store import Said, Stored, store

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks into the database for what the broker did not bring."""

JOIN_PATIENCE = 2.0
"""Seconds that somebody who comes in waits for the broker; then the database has to do."""

GRACE = 0.02
"""Seconds in which a message that was overtaken usually comes by itself."""

STAY_EVERY = 600.0
"""Seconds between two joins of a group that this process is in; layers forget after a day."""

AT_ONCE = 500
"""Messages fetched, or rooms asked about, at once."""


class Here:
    """A room of this process with what keeps it up to date."""

    def __init__(self, hall: Hall, listener: Listener) -> None:
        self.hall = hall
        self.listener = listener
        self.visitors = 0
        self.fetching: asyncio.Task[None] | None = None


class Hub:
    """What the sockets of one event loop share."""

    def __init__(self) -> None:
        self._here: dict[str, Here] = {}
        self._leaving: dict[str, Listener] = {}
        self._publisher = Publisher(self._broker_changed)
        self._writer: Grouped[Said, Stored] = Grouped(self._store)
        self._looking: asyncio.Task[None] | None = None
        self._stay_at = monotonic() + STAY_EVERY

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
        page = await database.reading.run(lambda: history.since(hall.name, after))
        hall.begin(page.last)
        while not hall.covers(page.last):  # more was said meanwhile than is kept
            more = await database.reading.run(
                lambda: history.run(hall.name, page.last, AT_ONCE)  # noqa: B023 - awaited here
            )
            hall.caught_up(more)
            page = Page(
                messages=(page.messages + more.messages)[-2 * history.MISSED :],
                last=more.last,
                gap=page.gap,
                more=page.more,
            )
        return page

    async def _joined(self, listener: Listener) -> None:
        if self.broker_away or listener.joined.is_set():
            return
        try:
            async with asyncio.timeout(JOIN_PATIENCE):
                await listener.joined.wait()
        except TimeoutError:
            self._publisher.failed()

    # ------------------------------------------------------------ what is said here

    async def _store(self, group: Sequence[Said]) -> list[Stored]:
        done = await database.writing.run(lambda: store(group))
        for stored in done:
            if stored.fresh:
                if here := self._here.get(stored.room):
                    here.hall.arrived(stored.message)
                self._publisher.put(groups.group(stored.room), stored.message.event())
        return done

    # ------------------------------------------------------------ what others say

    def _open(self, room: str) -> Here:
        hall = Hall(room, self._missing)
        group = groups.group(room)
        listener = Listener(group, lambda event: _heard(hall, event), self._lost)
        self._here[room] = here = Here(hall, listener)
        listener.start(self._leaving.pop(room, None))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="chat looks")
        return here

    def _close(self, room: str, here: Here) -> None:
        del self._here[room]
        here.listener.stop()
        if here.fetching is not None:
            here.fetching.cancel()
        # Whoever opens it again waits until this one has left.
        self._leaving = {n: each for n, each in self._leaving.items() if not each.stopped}
        self._leaving[room] = here.listener
        if not self._here and self._looking is not None:
            self._looking.cancel()

    def _missing(self, hall: Hall, grace: float = GRACE) -> None:
        here = self._here.get(hall.name)
        if here is not None and (here.fetching is None or here.fetching.done()):
            here.fetching = asyncio.create_task(self._fetch(hall, grace), name="chat fetches")

    async def _fetch(self, hall: Hall, grace: float) -> None:
        await asyncio.sleep(grace)
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

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self.broker_away:
                self._publisher.try_again()
            elif monotonic() > self._stay_at:
                self._stay_at = monotonic() + STAY_EVERY
                self._staying = asyncio.create_task(self._stay(), name="chat stays")
            names = list(self._here)
            try:
                for start in range(0, len(names), AT_ONCE):
                    await self._compare(names[start : start + AT_ONCE])
            except database.AWAY as error:
                logger.warning("What was said could not be looked for: %s", error)

    async def _stay(self) -> None:
        for here in list(self._here.values()):
            await here.listener.stay()

    async def _compare(self, names: list[str]) -> None:
        lasts = await database.reading.run(lambda: history.lasts(names))
        for name, last in lasts.items():
            here = self._here.get(name)
            if here is not None and here.hall.last is not None and here.hall.last < last:
                self._missing(here.hall, 0)

    # ------------------------------------------------------------ the broker

    def _lost(self) -> None:
        """Take note that a listener failed; a fresh broker knows none of our groups."""
        self._publisher.failed()

    def _broker_changed(self) -> None:
        if not self.broker_away:
            self._stay_at = monotonic()
        text = state(away=self.broker_away)
        for here in self._here.values():
            here.hall.tell(text, paged=True)


def _heard(hall: Hall, event: object) -> None:
    kind = event.get("type") if isinstance(event, dict) else None
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None or not isinstance(event, dict):
        logger.warning("An event of unknown type was ignored: %.200r", event)
        return
    said = reader(event)
    if isinstance(said, Message) and said.number is not None:
        hall.arrived(said)
    elif said is not None:
        hall.unnumbered(said)


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
