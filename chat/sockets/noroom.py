"""The WebSocket of a path where no room is."""

from contextlib import suppress

from django.utils.translation import gettext as _

from chat.protocol.frames import Refused
from chat.sockets.explaining import NO_SUCH_ROOM, Left, Socket


class NoRoom(Socket):
    """What answers at a path where no room is."""

    async def serve(self) -> None:
        """Accept, so that the code of the close can be read, and close."""
        await self.let_in()
        with suppress(Left):
            refused = Refused("room", _("There is no room at this address."))
            await self.turn_away(NO_SUCH_ROOM, refused)
