"""A WebSocket that explains itself before it closes."""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from chat.frames import Refused

SUBPROTOCOL = "chat.v1"

# PROTOCOL.md says what a client does about each.
FLOODED, SIGNED_OUT, NO_SUCH_ROOM, UNAVAILABLE = 4008, 4401, 4404, 4503


class Socket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """What every one of our WebSockets does, whatever it is for.

    A client that goes away while it is spoken to is no error: servers raise an `OSError`
    then, and the disconnect that follows ends the consumer.
    """

    open = False

    async def let_in(self) -> None:
        """Accept, with our subprotocol where it was offered."""
        self.paged = SUBPROTOCOL in self.scope.get("subprotocols", ())
        await self.accept(SUBPROTOCOL if self.paged else None)
        self.open = True

    async def show(self, frame: dict[str, Any]) -> None:
        """Send one frame, if there is still somebody to read it."""
        if not self.open:
            return
        try:
            await self.send(json.dumps(frame))
        except OSError:
            self.open = False

    async def refuse(self, refused: Refused) -> None:
        """Tell this client, and nobody else, what was not done and why."""
        await self.show(
            {
                "type": "error",
                "code": refused.code,
                "message": refused.message,
                "ref": refused.ref,
            }
        )

    async def turn_away(self, code: int, reason: Refused) -> None:
        """Say why, and close; accepts first, since a refused handshake carries no reason."""
        try:
            if not self.open:
                await self.let_in()
            await self.refuse(reason)
            self.open = False
            await self.close(code)
        except OSError:
            self.open = False
