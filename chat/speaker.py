"""Who speaks through one socket, kept in step with the browser session that opened it."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from chat import identity, names, sessions
from chat.frames import Refused
from chat.presence import register

logger = logging.getLogger(__name__)


class SignedOut(Refused):
    """The account that the socket spoke for is not signed in there any more."""

    def __init__(self) -> None:
        text = "You are signed out. Send it again to say it as a guest."
        super().__init__("signed_out", text)


class Speaker:
    """The person at one socket: an identity that may change, a `person` key that does not."""

    def __init__(self, scope: Mapping[str, Any], socket: UUID, who: identity.Identity) -> None:
        self._scope = scope
        self._socket = socket
        self._who = who
        self._session = sessions.Watch(scope["session"])
        self.person = identity.person_of_scope(scope) or socket.hex

    @classmethod
    async def of_scope(cls, scope: Mapping[str, Any], socket: UUID) -> "Speaker":
        """Tell who opened the socket."""
        who = await database_sync_to_async(identity.of_scope)(scope)
        return cls(scope, socket, who)

    @property
    def name(self) -> str:
        """The name that the room reads."""
        return self._who.name

    @property
    def account(self) -> bool:
        """Whether an account vouches for the name."""
        return self._who.account

    async def look_again(self) -> bool:
        """Take what other tabs did to the session into account; tell whether the name changed.

        Raises `SignedOut` where nobody may speak for the account any more. While the database
        is away a guest goes on; for an account, that cannot be vouched for, raises `Refused`.
        """
        try:
            if not await self._session.changed():
                return False
            now = await identity.look_again(self._scope)
        except DatabaseError as error:
            logger.warning("Who speaks could not be looked up: %s", error)
            if not self.account:
                return False
            text = "Your account could not be checked; your message was not sent."
            raise Refused("unavailable", text) from None
        if self.account and (now is None or not now.account):
            raise SignedOut
        # A session that ended leaves a guest the name; one that signed in got another key.
        if now is None or now == self._who:
            return False
        await self._become(now)
        return True

    async def rename(self, typed: str) -> None:
        """Take the name that a guest chose; raises `Refused`."""
        if self.account:
            raise Refused("account", "You are signed in; your account's name is used.")
        try:
            name = names.clean(typed)
            await database_sync_to_async(identity.remember)(self._scope["session"], name)
        except names.InvalidName as error:
            raise Refused("name", str(error)) from None
        except DatabaseError as error:
            logger.warning("A name could not be kept: %s", error)
            raise Refused("unavailable", "Your name could not be saved.") from None
        await self._become(identity.Identity(name=name, account=False))

    async def _become(self, who: identity.Identity) -> None:
        self._who = who
        await register.rename(self._socket, who.name)
