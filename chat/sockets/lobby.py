"""The lobby: which rooms have people, and since when nobody said anything there."""

import asyncio
import json
import logging
from contextlib import suppress
from weakref import WeakKeyDictionary

from django.db.models import F, Subquery
from django.db.models.expressions import OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from chat.live import flood, replies
from chat.live.outgoing import Outgoing
from chat.models import Message, Presence, RoomState
from chat.protocol import frames
from chat.protocol.asked import Ping
from chat.protocol.frames import Refused
from chat.records import database
from chat.sockets.explaining import FLOODED, Left, Socket

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks into the database, for however many who watch."""

SHOWN = 50
"""Rooms that are shown, the fullest first."""

Row = dict[str, str | int | None]


def rooms() -> list[Row]:
    """Return the rooms that people are in, and when somebody last spoke there; it blocks."""
    people = dict(Presence.objects.people_by_room(SHOWN))
    newest = Message.objects.filter(room=OuterRef("name"), number=OuterRef("last"))
    said = RoomState.objects.filter(name__in=people).annotate(at=Subquery(newest.values("at")[:1]))
    spoke = dict(said.exclude(last=0).values_list("name", F("at")))
    return [
        {
            "room": room,
            "people": count,
            "said": at.isoformat(timespec="seconds") if (at := spoke.get(room)) else None,
            "url": reverse("chat:room", kwargs={"room": room}),
        }
        for room, count in people.items()
    ]


class Board:
    """What the sockets of one event loop are shown: one question a second, while any is open."""

    def __init__(self) -> None:
        self._watchers: set[Outgoing] = set()
        self._text: str | None = None
        self._task: asyncio.Task[None] | None = None

    def watch(self, outgoing: Outgoing) -> None:
        """Show a socket the rooms, now and whenever they change."""
        self._watchers.add(outgoing)
        if self._text is not None:
            outgoing.put(self._text)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="chat lobby")

    def leave(self, outgoing: Outgoing) -> None:
        """Show a socket no more."""
        self._watchers.discard(outgoing)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = self._text = None

    async def _look(self) -> None:
        while True:
            try:
                text = replies.rooms(await database.reading.run(rooms))
            except database.AWAY as error:
                logger.warning("The lobby could not be read: %r", error)
            else:
                self._show(text)
            await asyncio.sleep(LOOK_EVERY)

    def _show(self, text: str) -> None:
        if text == self._text:
            return
        self._text = text
        for outgoing in self._watchers:
            outgoing.put(text)


_boards: "WeakKeyDictionary[asyncio.AbstractEventLoop, Board]" = WeakKeyDictionary()


class Lobby(Socket):
    """One reader of the lobby, who can ask for nothing but whether we are there."""

    async def serve(self) -> None:
        """Show the rooms until the client leaves."""
        board = _boards.setdefault(asyncio.get_running_loop(), Board())
        self.flood = flood.Flood()
        with suppress(Left):
            await self.let_in()
            self.outgoing.put(json.dumps({"type": "welcome", "message": "The lobby."}))
            board.watch(self.outgoing)
            try:
                while True:
                    await self._hear(await self.next_frame())
            finally:
                board.leave(self.outgoing)

    async def _hear(self, text: str | None) -> None:
        try:
            self.outgoing.put(replies.pong(self._ping(text).ref))
        except Refused as refused:
            if self.flood.hopeless:
                await self.turn_away(FLOODED, refused)
            self.refuse(refused)

    def _ping(self, text: str | None) -> Ping:
        if not self.flood.allow():
            raise Refused("flood", _("You are sending too fast; please slow down."))
        asked = frames.parse(text)
        if not isinstance(asked, Ping):
            raise Refused("unknown", "The lobby only answers a ping.", asked.ref)
        return asked
