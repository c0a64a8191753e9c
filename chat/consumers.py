"""The room's WebSocket; PROTOCOL.md is its contract."""

import asyncio
import logging
from contextlib import suppress
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.live import replies
from chat.live.audience import Member
from chat.live.flood import Allowance
from chat.live.hall import Hall
from chat.live.hub import hub
from chat.live.speaker import Exiled, SignedOut, Speaker
from chat.protocol import frames, rooms
from chat.protocol.asked import Asked
from chat.protocol.frames import Refused
from chat.records import database, history
from chat.records.rules import Rules
from chat.sockets import tongue
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
    _end: asyncio.TimerHandle | None = None  # of what this person may not do

    async def serve(self) -> None:
        """Let the client in, give it what it missed, and do what it asks until it leaves."""
        with suppress(Left):
            try:
                with hub().visit(self._room()) as hall:
                    try:
                        await self._open(hall)
                        await self._stay(hall)
                    finally:
                        await self._leave()
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
        self._told = rules.locked, rules.barred, self.speaker.silence(rules)
        self.member = Member(self.outgoing, self.speaker.author, self._ruled, self._called)
        self._catch_up(hall.name, page, rules, wanted=bool(after))
        hall.admit(self.member, page.last)  # nothing was awaited: nothing falls in between
        self._expect(rules)

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
            hub().vouching.begin(self.speaker, self._doubted)
            while True:
                text = self.read(await self.base_receive())
                if self.outgoing.open:  # else the close is on its way
                    await self._hear(text)
        finally:
            hub().vouching.end(self.speaker)
            hall.leave(self.member)
            self._expect(None)

    async def _doubted(self) -> None:
        """Look who this socket speaks for by now."""
        with tongue.spoken(self.language):
            try:
                if await self.speaker.look_again(doubted=True) and self.outgoing.paged:
                    self.outgoing.put(replies.named(self.speaker.name, None))
            except SignedOut as refused:
                self.refuse(refused)
                self.outgoing.close(SIGNED_OUT)
            except Refused:  # the database is away: the next look tries again
                self.speaker.stamp = ()

    def _called(self, by: str, name: str) -> None:
        """Take the name that another tab chose."""
        if by == self.key.hex or name == self.speaker.name:
            return
        self.speaker.called(name)
        if self.outgoing.paged:
            self.outgoing.put(replies.named(name, None))

    def _expect(self, rules: Rules | None) -> None:
        """Tell the client when what these rules forbid it comes to its end."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
        ban = rules.muted.get(self.speaker.author) if rules is not None else None
        if rules is not None and ban is not None and ban.in_force and ban.until is not None:
            left = (ban.until - timezone.now()).total_seconds()
            self._end = asyncio.get_running_loop().call_later(left + 0.01, self._ruled, rules)

    def _ruled(self, rules: Rules) -> None:
        """Obey what staff did: leave, or tell the client what changed for it."""
        with tongue.spoken(self.language):  # whoever acted may speak another one
            self._obey(rules)

    def _obey(self, rules: Rules) -> None:
        if exile := rules.exile(self.speaker.author):
            self.refuse(Exiled(exile))
            self.outgoing.close(EXILED)
            return
        self._expect(rules)
        silence = self.speaker.silence(rules)
        was, self._told = self._told, (rules.locked, rules.barred, silence)
        if self._told != was and self.outgoing.paged:
            self.outgoing.put(replies.rules(rules, silence))

    async def _hear(self, text: str | None) -> None:
        """Do what one frame asks, or tell this client why not."""
        try:
            await self.conversation.do(self._admit(text))
        except SignedOut as refused:
            await self.turn_away(SIGNED_OUT, refused)
        except Refused as refused:
            if self.allowance.frames.hopeless:
                await self.turn_away(FLOODED, refused)
            self.refuse(refused)

    def _admit(self, text: str | None) -> Asked:
        # Nonsense counts too, or it were a way round the limit.
        allowed = self.allowance.frames.allow()
        try:
            asked = frames.parse(text)
        except Refused as refused:
            raise refused if allowed else _too_fast(refused.ref) from None
        if not allowed:
            raise _too_fast(asked.ref)
        return asked

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Show what a person said; the hub does, for all sockets at once."""
        raise NotImplementedError

    chat_people = chat_typing = chat_act = chat_message

    async def chat_system(self, event: dict[str, Any]) -> None:
        """Show what the system says, which has to be a text; the hub does."""
        raise NotImplementedError(event["text"])


def _too_fast(ref: str | None) -> Refused:
    return Refused("flood", _("You are sending too fast; please slow down."), ref)
