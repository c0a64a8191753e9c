"""What one client may ask of the room that it is in."""

import logging
from time import monotonic

from django.utils.translation import gettext as _

from chat.live import replies
from chat.live.audience import Member
from chat.live.flood import Flood
from chat.live.hall import Hall
from chat.live.hub import hub
from chat.live.outgoing import Outgoing
from chat.live.speaker import Speaker
from chat.models import Act
from chat.protocol import events
from chat.protocol.asked import Asked, Do, Older, Ping, Rename, Say, Typing, Watch
from chat.protocol.frames import Refused
from chat.records import database, history, moderation
from chat.records.rules import Rules

logger = logging.getLogger(__name__)

TYPING_EVERY = 2.0
"""Seconds between two signs of one person's typing that the room hears of."""


class Conversation:
    """One member of a room, and what they ask for."""

    __slots__ = ("_hall", "_member", "_names", "_outgoing", "_speaker", "_typed_at")

    def __init__(
        self, hall: Hall, speaker: Speaker, outgoing: Outgoing, member: Member, names: Flood
    ) -> None:
        self._hall = hall
        self._names = names
        self._speaker = speaker
        self._outgoing = outgoing
        self._member = member
        self._typed_at = 0.0

    async def do(self, asked: Asked) -> None:
        """Do what a frame asks; raises `Refused`."""
        try:
            match asked:
                case Say():
                    await self._say(asked)
                case Rename():
                    await self._rename(asked)
                case Older():
                    await self._older(asked)
                case Ping():
                    self._outgoing.put(replies.pong(asked.ref))
                case Watch():
                    self._hall.crowd.watch(self._member)
                case Typing():
                    self._type()
                case Do():
                    await self._act(asked)
        except Refused as refused:
            refused.ref = asked.ref  # whoever refused did not know it
            raise

    @property
    def _rules(self) -> Rules:
        return self._hall.rules or Rules()

    @property
    def _silence(self) -> str | None:
        return self._rules.exile(self._speaker.author) or self._speaker.silence(self._rules)

    async def _rename(self, asked: Rename) -> None:
        if silence := self._silence:  # names can shout, too
            raise Refused("silenced", silence)
        if not self._names.allow():
            raise Refused("flood", _("You are sending too fast; please slow down."))
        await self._speaker.rename(asked.name)
        self._outgoing.put(replies.named(self._speaker.name, asked.ref))

    async def _say(self, asked: Say) -> None:
        if silence := self._silence:  # before it brings a name that another tab chose
            raise Refused("silenced", silence)
        if await self._speaker.look_again():
            self._outgoing.put(replies.named(self._speaker.name, None))
        message = events.Message(
            text=asked.text,
            name=self._speaker.name,
            guest=not self._speaker.account,
            ref=asked.ref,
            id=events.id_of(self._hall.name, self._speaker.person, asked.ref),
            author=self._speaker.author,
        )
        if silence := self._silence:  # nothing is awaited between this and the storing
            raise Refused("silenced", silence)
        try:
            stored = await hub().say(self._hall.name, message)
        except database.AWAY as error:
            logger.warning("A message could not be stored: %r", error)
            text = _("The chat is briefly unavailable; your message was not sent.")
            raise Refused("unavailable", text) from None
        if stored.message.text != message.text:
            raise Refused("ref", "Another text was sent under this “ref” before.")
        self._typed_at = 0.0  # what is typed next is another message
        if not stored.fresh and self._hall.heard(stored.message):
            # It went to the room when it was first sent; only who asks again is answered again.
            self._outgoing.put(replies.said(stored.message, self._speaker.author))

    async def _older(self, asked: Older) -> None:
        room = self._hall.name
        try:
            page = await database.reading.run(lambda: history.before(room, asked.before))
        except database.AWAY as error:
            logger.warning("History could not be read: %r", error)
            raise Refused("unavailable", _("Older messages could not be read.")) from None
        self._outgoing.put(replies.history(page, self._speaker.author, asked.ref))

    def _type(self) -> None:
        now = monotonic()
        if now < self._typed_at + TYPING_EVERY or self._silence:
            return
        self._typed_at = now
        hub().typing(self._hall.name, self._speaker.author, self._speaker.name)

    async def _act(self, asked: Do) -> None:
        await self._speaker.look_again()
        if not self._speaker.staff:
            raise Refused("staff", _("Only staff can do that."))
        if asked.act not in Act.Kind:
            raise Refused("type", f"“act” must be one of: {', '.join(Act.Kind.values)}.")
        order = moderation.Order(
            kind=Act.Kind(asked.act),
            room=self._hall.name,
            number=asked.number,
            author=asked.person,
            minutes=asked.minutes,
            why=asked.why,
        )
        try:
            done = await database.writing.run(lambda: moderation.act(self._speaker.user, order))
        except moderation.NotAllowed:
            raise Refused("staff", _("Only staff can do that.")) from None
        except moderation.NoSuchThing as error:
            raise Refused("nobody", str(error)) from None
        except database.AWAY as error:
            logger.warning("An act of staff was not done: %r", error)
            raise Refused("unavailable", _("That was not done; please try again.")) from None
        hub().acted(self._hall.name, done.pk)
        self._outgoing.put(replies.done(done.get_kind_display(), done.whom, asked.ref))
