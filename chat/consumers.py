"""The room's WebSocket; PROTOCOL.md is its contract."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from chat.live import replies
from chat.live.audience import Member
from chat.live.flood import Allowance
from chat.live.hall import Hall
from chat.live.hub import hub
from chat.live.speaker import Exiled, SignedOut, Speaker
from chat.protocol import frames, rooms
from chat.protocol.frames import Refused
from chat.records import database, history
from chat.records.rules import Rules
from chat.sockets.admitting import admit
from chat.sockets.conversation import Conversation
from chat.sockets.explaining import (
    EXILED,
    FLOODED,
    NO_SUCH_ROOM,
    SIGNED_OUT,
    UNAVAILABLE,
    Left,
    Socket,
)
from chat.sockets.standing import Standing

logger = logging.getLogger(__name__)

OPENING = 4.0
"""Seconds for all that lies before a socket's handshake: less than the 5 that Daphne allows."""

NOT_NOW: tuple[type[Exception], ...] = (*database.AWAY, TimeoutError)
CODES = {"room": NO_SUCH_ROOM, "removed": EXILED, "flood": FLOODED}


class Room(Socket):
    """One person's socket in one room.

    The events of the room's group come to the hub, which has one channel for all the sockets of
    this process; the methods at the end are there for who asks what the room understands.
    """

    allowance: Allowance
    _counted = False  # in that allowance

    async def serve(self) -> None:
        """Let the client in, give it what it missed, and do what it asks until it leaves."""
        with suppress(Left):
            try:
                with hub().visit(self._room()) as hall:
                    inside = False
                    try:
                        await self._open(hall)
                        inside = True
                        await self._stay(hall)
                    finally:
                        self.leaving = asyncio.create_task(self._leave(), name="chat leaves")
                        if inside:  # who is refused need not wait until that is written
                            await self.leaving
            except Refused as refused:
                await self.let_in()
                await self.turn_away(CODES.get(refused.code, UNAVAILABLE), refused)

    def _room(self) -> str:
        self.key = uuid4()
        try:
            return rooms.parse(self.scope["url_route"]["kwargs"]["room"])
        except rooms.InvalidRoom as error:
            raise Refused("room", str(error)) from None

    async def _leave(self) -> None:
        if self._counted:
            self.allowance.leave()
        await hub().register.leave(self.key)

    async def _open(self, hall: Hall) -> None:
        after = frames.after(self.scope["query_string"])
        try:
            async with asyncio.timeout(OPENING):
                self.speaker = await Speaker.of_scope(self.scope, self.key, hub().register)
                self._count()
                await self.speaker.enter(hall.name)
                page = await hub().missed(hall, after)
        except NOT_NOW as error:
            logger.warning("A room could not be entered: %r", error)
            text = _("The chat is briefly unavailable; please try again in a moment.")
            raise Refused("unavailable", text) from None
        rules = hall.rules or Rules()
        if exile := rules.exile(self.speaker.author):  # since the register let them in
            raise Exiled(exile)
        standing = self.standing = Standing(self, self.speaker, rules)
        self.member = Member(self.outgoing, self.speaker.author, standing.ruled, standing.called)
        self._catch_up(hall.name, page, rules, wanted=bool(after))
        hall.admit(self.member, page.last)  # nothing was awaited: nothing falls in between

    def _count(self) -> None:
        allowance = hub().allowances.come(self.speaker.author)
        if allowance is None:
            raise Refused("flood", _("You have too many windows open here; please close some."))
        self.allowance, self._counted = allowance, True

    def _catch_up(self, room: str, page: history.Page, rules: Rules, *, wanted: bool) -> None:
        author = self.speaker.author
        if self.outgoing.paged:
            self.outgoing.put(replies.welcome(room, self.speaker, page, rules))
            self.outgoing.put(replies.history(page, author))
            if hub().broker_away:
                self.outgoing.put(replies.state(away=True))
        elif wanted:
            for message in page.messages:
                self.outgoing.put(replies.said(message, author))
        for number in page.erased:
            self.outgoing.put(replies.removed(number))

    async def _stay(self, hall: Hall) -> None:
        names = self.allowance.names
        self.conversation = Conversation(hall, self.speaker, self.outgoing, self.member, names)
        try:
            await self.let_in()
            hub().vouching.begin(self.speaker, self.standing.doubted)
            while True:
                text = self.read(await self.base_receive())
                if self.outgoing.open:  # else the close is on its way
                    await self._hear(text)
        finally:
            hub().vouching.end(self.speaker)
            hall.leave(self.member)
            self.standing.stop()

    async def _hear(self, text: str | None) -> None:
        """Do what one frame asks, or tell this client why not."""
        try:
            await self.conversation.do(admit(text, self.allowance.frames))
        except SignedOut as refused:
            await self.turn_away(SIGNED_OUT, refused)
        except Refused as refused:
            if self.allowance.frames.hopeless:
                await self.turn_away(FLOODED, refused)
            self.refuse(refused)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Show what a person said; the hub does, for all sockets at once."""
        raise NotImplementedError

    chat_people = chat_typing = chat_act = chat_message

    async def chat_system(self, event: dict[str, Any]) -> None:
        """Show what the system says, which has to be a text; the hub does."""
        raise NotImplementedError(event["text"])
