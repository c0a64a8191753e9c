"""A WebSocket that explains itself before it closes."""

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, NoReturn

from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.translation import gettext as _

from chat.live import addresses
from chat.live.outgoing import Outgoing
from chat.protocol.frames import Refused
from chat.sockets import tongue
from chat.sockets.lasting import REST

SUBPROTOCOL = "chat.v2"

# PROTOCOL.md says what a client does about each; 4013 is in `chat/live/outgoing.py`.
FLOODED, SIGNED_OUT, EXILED, NO_SUCH_ROOM, UNAVAILABLE = 4008, 4401, 4403, 4404, 4503
CROWDED = 4029

KEPT = ("type", "user", "session")
"""What of a scope is needed once the client is in."""


class Left(Exception):
    """The client is gone."""


class Socket(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """What every one of our WebSockets does, whatever it is for.

    It is a Channels consumer that reads its socket itself: Channels would ask the layer for a
    channel for each, and go through the database's thread with each frame.
    """

    language: str | None = None  # where it is not the site's own

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Coroutine[Any, Any, None]],
    ) -> None:
        """Serve the socket until it is closed."""
        self.scope, self.base_send, self.base_receive = scope, send, receive
        if REST in scope:
            scope[REST].append(self._last)
        else:
            await self._last()

    async def _last(self) -> None:
        scope = self.scope
        await self.base_receive()  # websocket.connect
        paged = SUBPROTOCOL in scope.get("subprotocols", ())
        self.outgoing = Outgoing(self.base_send, paged=paged)
        if language := tongue.of(scope):
            self.language = language
        address = addresses.of_scope(scope)
        room = addresses.here.come(address)
        try:
            with tongue.spoken(self.language):
                await (self.serve() if room else self._no_more())
        finally:
            addresses.here.go(address)
            self.outgoing.abandon()
            await self.outgoing.drained()

    async def serve(self) -> None:
        """Do what this socket is for."""
        raise NotImplementedError

    async def _no_more(self) -> None:
        """Turn the client away: where it comes from has enough sockets."""
        text = _("Too many windows are open from your network; please close some.")
        with suppress(Left):
            await self.let_in()
            await self.turn_away(CROWDED, Refused("crowded", text))

    async def next_frame(self) -> str | None:
        """Return what the client sends next, None for a binary frame; raises `Left`."""
        return self.read(await self.base_receive())

    def read(self, message: Mapping[str, Any]) -> str | None:
        """Return what the client sent, None for a binary frame; raises `Left`."""
        if message["type"] != "websocket.receive":
            raise Left
        text: str | None = message.get("text")
        return text

    async def let_in(self) -> None:
        """Accept, with our subprotocol where it was offered."""
        try:
            await self.accept(SUBPROTOCOL if self.outgoing.paged else None)
        except OSError:
            raise Left from None
        self._keep_little()
        self.outgoing.start()

    def _keep_little(self) -> None:
        """Forget how the client came in: most of a scope's size, for as long as the socket."""
        kept = {name: self.scope[name] for name in KEPT if name in self.scope}
        self.scope.clear()
        self.scope.update(kept)

    def refuse(self, refused: Refused) -> None:
        """Tell this client, and nobody else, what was not done and why."""
        frame = {"type": "error", "code": refused.code, "message": refused.message}
        self.outgoing.put(json.dumps({**frame, "ref": refused.ref}))

    async def turn_away(self, code: int, reason: Refused) -> NoReturn:
        """Say why and close, then wait until the client has gone."""
        self.refuse(reason)
        self.outgoing.close(code)
        await self.outgoing.drained()
        while True:
            await self.next_frame()
