"""Who speaks through one socket, kept in step with the browser session that opened it."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.utils.translation import gettext as _

from chat.live import identity
from chat.protocol import events, names
from chat.protocol.attendance import Seat
from chat.protocol.frames import Refused
from chat.records import database, rules, sessions
from chat.records.grouped import Grouped
from chat.records.presence import Register

logger = logging.getLogger(__name__)


class SignedOut(Refused):
    """The account that the socket spoke for is not signed in there any more."""

    def __init__(self) -> None:
        text = _("You are signed out. Send it again to say it as a guest.")
        super().__init__("signed_out", text)


class Exiled(Refused):
    """The person was removed from the room."""

    def __init__(self, why: str) -> None:
        super().__init__("removed", why)


class Speaker:
    """The person at one socket: an identity that may change, and keys that do not.

    `name` is what the room reads: a guest whose own name is taken there goes by one like it.
    """

    __slots__ = (
        "_lasting",
        "_register",
        "_scope",
        "_session",
        "_socket",
        "_who",
        "author",
        "name",
        "person",
        "stamp",
    )

    def __init__(
        self, scope: Mapping[str, Any], socket: UUID, who: identity.Identity, register: Register
    ) -> None:
        self._scope = scope
        self._socket = socket
        self._who = who
        self._register = register
        self._session = sessions.Watch(scope["session"])
        known = identity.person_of(scope["user"], scope["session"])
        self._lasting = known is not None
        self.person = known or socket.hex
        self.author = events.author_of(self.person)
        self.name = who.name
        self.stamp: identity.Stamp = identity.stamp(scope["user"]) if who.account else ()

    @classmethod
    async def of_scope(
        cls, scope: Mapping[str, Any], socket: UUID, register: Register
    ) -> "Speaker":
        """Tell who opened the socket."""
        if scope["session"].session_key is None:
            who = identity.of_scope(scope)  # there is nothing to look up
        else:
            who = await _known.ask(scope)
        return cls(scope, socket, who, register)

    @property
    def key(self) -> UUID:
        """The socket's own key."""
        return self._socket

    @property
    def account(self) -> bool:
        """Whether an account vouches for the name."""
        return self._who.account

    @property
    def staff(self) -> bool:
        """Whether the account may moderate."""
        return self._who.staff

    @property
    def user(self) -> Any:  # noqa: ANN401 - Channels' lazy user
        """The account."""
        return self._scope["user"]

    @property
    def stored_under(self) -> str | None:
        """The key of the session's row, where it has one."""
        return self._session.stored_under

    def silence(self, held: rules.Rules) -> str | None:
        """Return why the person may not speak under these rules; None where they may."""
        return held.silence(self.author, staff=self.staff, guest=not self.account)

    def called(self, name: str) -> None:
        """Go by a name that the person took, or was given, elsewhere."""
        self.name = name
        self._register.called(self._socket, name)

    async def enter(self, room: str) -> None:
        """Be in a room, from now until `leave`; raises `Exiled` and `database.AWAY`."""
        answer = await self._register.enter(
            Seat(
                key=self._socket,
                room=room,
                name=self._who.name,
                author=self.author,
                guest=not self.account,
                lasting=self._lasting,
            )
        )
        if answer.name is None:
            raise Exiled(rules.exiled(answer.expelled) if answer.expelled else "")
        self.name = answer.name

    async def look_again(self, *, doubted: bool = False) -> bool:
        """Take what other tabs did to the session into account; tell whether the name changed.

        Raises `SignedOut` where nobody may speak for the account any more. While the database
        is away a guest goes on; for an account, that cannot be vouched for, raises `Refused`.
        """
        was = self.name
        try:
            if not doubted and not await self._session.changed():
                return False
            now = await identity.look_again(self._scope)
            if self.account and (now is None or not now.account):
                raise SignedOut
            # A session that ended leaves a guest the name; one that signed in got another key.
            wanted = self.name  # which an account may have got meanwhile
            if now is not None and now.account == self.account:
                if now.name != self._who.name:
                    wanted = now.name
                self._who = now
            self.name = await self._register.rename(self._socket, wanted, must=True) or wanted
        except database.AWAY as error:
            logger.warning("Who speaks could not be looked up: %s", error)
            if not self.account:
                return False
            text = _("Your account could not be checked; your message was not sent.")
            raise Refused("unavailable", text) from None
        return self.name != was

    async def rename(self, typed: str) -> None:
        """Take the name that a guest chose; raises `Refused`."""
        if self.account:
            raise Refused("account", _("You are signed in; your account's name is used."))
        try:
            name = names.clean(typed)
            if await self._register.rename(self._socket, name, must=False) is None:
                text = _("Somebody has that name, or one like it; please choose another one.")
                raise Refused("name", text)
            self.name = name
            await database_sync_to_async(identity.remember)(self._scope["session"], name)
        except names.InvalidName as error:
            raise Refused("name", str(error)) from None
        except database.AWAY as error:
            logger.warning("A name could not be kept: %s", error)
            raise Refused("unavailable", _("Your name could not be saved.")) from None
        self._who = identity.Identity(name=name, account=False)


async def _look_up(scopes: Sequence[Mapping[str, Any]]) -> list[identity.Identity]:
    return await database.reading.run(lambda: identity.of_scopes(scopes))


_known: Grouped[Mapping[str, Any], identity.Identity] = Grouped(_look_up)
