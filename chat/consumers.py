"""The room's WebSocket; PROTOCOL.md is its contract."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from chat import database, flood, frames, history, replies, rooms
from chat.asked import Asked
from chat.conversation import Conversation
from chat.frames import Refused
from chat.hall import Hall, Member
from chat.hub import hub
from chat.rules import Rules
from chat.sockets import EXILED, FLOODED, NO_SUCH_ROOM, SIGNED_OUT, UNAVAILABLE, Left, Socket
from chat.speaker import Exiled, SignedOut, Speaker

logger = logging.getLogger(__name__)

OPENING = 4.0
"""Seconds for all that lies before a socket's handshake: less than the 5 that Daphne allows."""

NOT_NOW: tuple[type[Exception], ...] = (*database.AWAY, TimeoutError)
CODES = {"room": NO_SUCH_ROOM, "removed": EXILED}


class Room(Socket):
    """One person's socket in one room.

    The events of the room's group come to the hub, which has one channel for all the sockets of
    this process; the methods at the end are there for who asks what the room understands.
    """

    async def serve(self) -> None:
        """Let the client in, give it what it missed, and do what it asks until it leaves."""
        self.flood = flood.Flood()
        with suppress(Left):
            try:
                await self._enter()
            except Refused as refused:
                await self.let_in()
                await self.turn_away(CODES.get(refused.code, UNAVAILABLE), refused)

    async def _enter(self) -> None:
        try:
            room = rooms.parse(self.scope["url_route"]["kwargs"]["room"])
        except rooms.InvalidRoom as error:
            raise Refused("room", str(error)) from None
        key = uuid4()
        with hub().visit(room) as hall:
            try:
                await self._open(hall, key)
                await self._stay(hall)
            finally:
                await hub().register.leave(key)

    async def _open(self, hall: Hall, key: UUID) -> None:
        after = frames.after(self.scope["query_string"])
        try:
            async with asyncio.timeout(OPENING):
                self.speaker = await Speaker.of_scope(self.scope, key, hub().register)
                await self.speaker.enter(hall.name)
                page = await hub().missed(hall, after)
        except NOT_NOW as error:
            logger.warning("A room could not be entered: %r", error)
            text = "The chat is briefly unavailable; please try again in a moment."
            raise Refused("unavailable", text) from None
        self.rules = hall.rules or Rules()
        self.member = Member(self.outgoing, self.speaker.author, self._ruled)
        self._catch_up(hall.name, page, wanted=bool(after))
        hall.admit(self.member, page.last)  # nothing was awaited: nothing falls in between

    def _catch_up(self, room: str, page: history.Page, *, wanted: bool) -> None:
        author = self.speaker.author
        if self.outgoing.paged:
            self.outgoing.put(replies.welcome(room, self.speaker, page, self.rules))
            self.outgoing.put(replies.history(page, author))
            if hub().broker_away:
                self.outgoing.put(replies.state(away=True))
        elif wanted:
            for message in page.messages:
                self.outgoing.put(replies.said(message, author))
        for number in page.erased:
            self.outgoing.put(replies.removed(number))

    async def _stay(self, hall: Hall) -> None:
        self.conversation = Conversation(hall, self.speaker, self.outgoing, self.member)
        try:
            await self.let_in()
            while True:
                text = await self.next_frame()
                if self.outgoing.open:  # else the close is on its way
                    await self._hear(text)
        finally:
            hall.leave(self.member)

    def _ruled(self, rules: Rules) -> None:
        """Obey what staff did: leave, or tell the client what changed for it."""
        author, staff = self.speaker.author, self.speaker.staff
        if exile := rules.exile(author):
            self.refuse(Exiled(exile))
            self.outgoing.close(EXILED)
            return
        was, self.rules = self.rules, rules
        silence = rules.silence(author, staff=staff)
        changed = (rules.locked, silence) != (was.locked, was.silence(author, staff=staff))
        if changed and self.outgoing.paged:
            self.outgoing.put(replies.rules(rules, silence))

    async def _hear(self, text: str | None) -> None:
        """Do what one frame asks, or tell this client why not."""
        try:
            await self.conversation.do(self._admit(text))
        except SignedOut as refused:
            await self.turn_away(SIGNED_OUT, refused)
        except Refused as refused:
            if self.flood.hopeless:
                await self.turn_away(FLOODED, refused)
            self.refuse(refused)

    def _admit(self, text: str | None) -> Asked:
        allowed = self.flood.allow()  # nonsense counts too, or it were a way round the limit
        too_fast = "You are sending too fast; please slow down."
        try:
            asked = frames.parse(text)
        except Refused as refused:
            raise refused if allowed else Refused("flood", too_fast, refused.ref) from None
        if not allowed:
            raise Refused("flood", too_fast, asked.ref)
        return asked

    def chat_message(self, event: dict[str, Any]) -> None:
        """Show what a person said; the hub does, for all sockets at once."""
        raise NotImplementedError

    chat_system = chat_people = chat_typing = chat_act = chat_message
