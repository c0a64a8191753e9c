"""The room's WebSocket; PROTOCOL.md is its contract."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import uuid4

from chat import database, events, flood, frames, history, replies, rooms
from chat.frames import Asked, Older, Ping, Refused, Rename, Say
from chat.hall import Member
from chat.hub import hub
from chat.presence import register
from chat.sockets import FLOODED, NO_SUCH_ROOM, SIGNED_OUT, UNAVAILABLE, Left, Socket
from chat.speaker import SignedOut, Speaker

logger = logging.getLogger(__name__)

OPENING = 4.0
"""Seconds for all that lies before a socket's handshake: less than the 5 that Daphne allows."""

NOT_NOW: tuple[type[Exception], ...] = (*database.AWAY, TimeoutError)


class Room(Socket):
    """One person's socket in one room.

    The events of the room's group come to the hub, which has one channel for all the sockets of
    this process; the two methods at the end are there for who asks what the room understands.
    """

    async def serve(self) -> None:
        """Let the client in, give it what it missed, and do what it asks until it leaves."""
        self.flood = flood.Flood()
        self.key = uuid4()
        with suppress(Left):
            try:
                await self._enter()
            except Refused as refused:
                code = NO_SUCH_ROOM if refused.code == "room" else UNAVAILABLE
                await self.let_in()
                await self.turn_away(code, refused)

    async def _enter(self) -> None:
        try:
            self.room = rooms.parse(self.scope["url_route"]["kwargs"]["room"])
        except rooms.InvalidRoom as error:
            raise Refused("room", str(error)) from None
        with hub().visit(self.room) as self.hall:
            after = frames.after(self.scope["query_string"])
            try:
                async with asyncio.timeout(OPENING):
                    self.speaker = await Speaker.of_scope(self.scope, self.key)
                    page = await hub().missed(self.hall, after)
            except NOT_NOW as error:
                logger.warning("A room could not be entered: %r", error)
                text = "The chat is briefly unavailable; please try again in a moment."
                raise Refused("unavailable", text) from None
            self.author = events.author_of(self.speaker.person)
            member = Member(self.outgoing, self.author)
            self._catch_up(page, wanted=bool(after))
            self.hall.admit(member, page.last)  # nothing was awaited: nothing falls in between
            try:
                await self._stay()
            finally:
                self.hall.leave(member)

    def _catch_up(self, page: history.Page, *, wanted: bool) -> None:
        if self.outgoing.paged:
            self.outgoing.put(replies.welcome(self.room, self.speaker, page))
            self.outgoing.put(replies.history(page, self.author))
            if hub().broker_away:
                self.outgoing.put(replies.state(away=True))
        elif wanted:
            for message in page.messages:
                self.outgoing.put(replies.said(message, self.author))

    async def _stay(self) -> None:
        await self.let_in()
        try:
            person = self.speaker.person
            await register.enter(self.key, self.room, self.speaker.name, person)
            while True:
                await self._hear(await self.next_frame())
        finally:
            await register.leave(self.key)

    async def _hear(self, text: str | None) -> None:
        """Do what one frame asks, or tell this client why not."""
        try:
            await self._do(self._admit(text))
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

    async def _do(self, asked: Asked) -> None:
        try:
            match asked:
                case Say():
                    await self._say(asked)
                case Rename():
                    await self.speaker.rename(asked.name)
                    self.outgoing.put(replies.named(self.speaker.name, asked.ref))
                case Older():
                    await self._older(asked)
                case Ping():
                    self.outgoing.put(replies.pong(asked.ref))
        except Refused as refused:
            refused.ref = asked.ref  # whoever refused did not know it
            raise

    async def _say(self, asked: Say) -> None:
        if await self.speaker.look_again():
            self.outgoing.put(replies.named(self.speaker.name, None))
        message = events.Message(
            text=asked.text,
            name=self.speaker.name,
            guest=not self.speaker.account,
            ref=asked.ref,
            id=events.id_of(self.room, self.speaker.person, asked.ref),
            author=self.author,
        )
        try:
            stored = await hub().say(self.room, message)
        except database.AWAY as error:
            logger.warning("A message could not be stored: %r", error)
            text = "The chat is briefly unavailable; your message was not sent."
            raise Refused("unavailable", text) from None
        if not stored.fresh and self.hall.heard(stored.message):
            # It went to the room when it was first sent; only who asks again is answered again.
            self.outgoing.put(replies.said(stored.message, self.author))

    async def _older(self, asked: Older) -> None:
        try:
            page = await database.reading.run(lambda: history.before(self.room, asked.before))
        except database.AWAY as error:
            logger.warning("History could not be read: %r", error)
            raise Refused("unavailable", "Older messages could not be read.") from None
        self.outgoing.put(replies.history(page, self.author, asked.ref))

    def chat_message(self, event: dict[str, Any]) -> None:
        """Show what a person said; the hub does, for all sockets at once."""
        raise NotImplementedError

    def chat_system(self, event: dict[str, Any]) -> None:
        """Show what the system says; the hub does, for all sockets at once."""
        raise NotImplementedError
