"""The room's WebSocket; PROTOCOL.md is its contract."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from chat import events, flood, frames, names, rooms
from chat.frames import Ping, Refused, Rename, Say
from chat.layer import AWAY, OPENING, patiently
from chat.presence import register
from chat.sockets import FLOODED, NO_SUCH_ROOM, SIGNED_OUT, UNAVAILABLE, Socket
from chat.speaker import SignedOut, Speaker

logger = logging.getLogger(__name__)

LIMITS = {
    "message": frames.MAX_TEXT,
    "name": names.MAX_LENGTH,
    "burst": flood.BURST,
    "per_second": flood.PER_SECOND,
}


class FromClient(dict[str, Any]):
    """What came over the socket, as opposed to the layer, which can forge the same types."""


class Room(Socket):
    """One person's socket in one room."""

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Serve the socket; when the layer fails under it, close with a code to retry on."""

        async def from_client() -> FromClient:
            return FromClient(await receive())

        self.scope, self.base_send = scope, send  # the layer may fail before Channels sets them
        self.flood = flood.Flood()
        self.group: str | None = None
        self.key = uuid4()
        try:
            # From here: Channels asks the layer for a channel before it reads the first frame.
            async with asyncio.timeout(OPENING) as self.opening:
                await super().__call__(scope, from_client, send)
        except AWAY as error:
            logger.warning("The channel layer is away: %r", error)
            text = "The chat is briefly unavailable; please try again in a moment."
            await self.turn_away(UNAVAILABLE, Refused("unavailable", text))
        finally:
            if self.group is not None:
                await register.leave(self.key)

    async def dispatch(self, message: object) -> None:
        """Let only known events through: others would close every socket in the room."""
        if isinstance(message, FromClient):
            await super().dispatch(message)
            return
        event: dict[str, Any] = message if isinstance(message, dict) else {}
        if event.get("type") == events.MESSAGE:
            await self.chat_message(event)
        elif event.get("type") == events.SYSTEM:
            await self.chat_system(event)
        else:
            logger.warning("An event of unknown type was ignored: %.200r", message)

    async def connect(self) -> None:
        """Join the room's group, then let the client in."""
        try:
            self.room = rooms.parse(self.scope["url_route"]["kwargs"]["room"])
        except rooms.InvalidRoom as error:
            self.opening.reschedule(None)
            await self.turn_away(NO_SUCH_ROOM, Refused("room", str(error)))
            return
        self.speaker = await Speaker.of_scope(self.scope, self.key)
        group = rooms.groups.group(self.room)
        await self.channel_layer.group_add(group, self.channel_name)
        self.group = group
        self.opening.reschedule(None)
        await self.let_in()
        if self.paged:  # a client of the tutorial would take it for somebody's message
            await self.show(
                {
                    "type": "welcome",
                    "message": f"You are in “{self.room}” as {self.speaker.name}.",
                    "name": self.speaker.name,
                    "room": self.room,
                    "account": self.speaker.account,
                    "limits": LIMITS,
                }
            )
        await register.enter(self.key, self.room, self.speaker.name, self.speaker.person)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002 - Channels' signature
        """Leave the room's group."""
        self.open = False
        if self.group is None:
            return
        try:
            await patiently(self.channel_layer.group_discard(self.group, self.channel_name))
        except AWAY as error:
            logger.warning("A group could not be left, the layer is away: %r", error)

    async def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,  # noqa: ARG002 - Channels' signature; never read
    ) -> None:
        """Do what one frame asks, or tell this client why not."""
        if not self.open:
            return
        try:
            await self._do(self._admit(text_data))
        except SignedOut as refused:
            await self.turn_away(SIGNED_OUT, refused)
        except Refused as refused:
            if self.flood.hopeless:
                await self.turn_away(FLOODED, refused)
            else:
                await self.refuse(refused)

    def _admit(self, text: str | None) -> Say | Rename | Ping:
        allowed = self.flood.allow()  # nonsense counts too, or it were a way round the limit
        too_fast = "You are sending too fast; please slow down."
        try:
            asked = frames.parse(text)
        except Refused as refused:
            raise refused if allowed else Refused("flood", too_fast, refused.ref) from None
        if not allowed:
            raise Refused("flood", too_fast, asked.ref)
        return asked

    async def _do(self, asked: Say | Rename | Ping) -> None:
        try:
            match asked:
                case Say():
                    await self._say(asked)
                case Rename():
                    await self.speaker.rename(asked.name)
                    await self._named(asked.ref)
                case Ping():
                    await self.show({"type": "pong", "message": "pong", "ref": asked.ref})
        except Refused as refused:
            refused.ref = asked.ref  # whoever refused did not know it
            raise

    async def _say(self, asked: Say) -> None:
        if await self.speaker.look_again():
            await self._named(None)
        message = events.Message(
            text=asked.text,
            name=self.speaker.name,
            guest=not self.speaker.account,
            ref=asked.ref,
            id=events.id_of(self.speaker.person, asked.ref),
        )
        try:
            await patiently(self.channel_layer.group_send(self.group, message.event()))
        except AWAY as error:
            logger.warning("A message could not be sent, the layer is away: %r", error)
            text = "The chat is briefly unavailable; your message was not sent."
            raise Refused("unavailable", text) from None

    async def _named(self, ref: str | None) -> None:
        name = self.speaker.name
        text = f"You are now {name}."
        await self.show({"type": "name", "name": name, "message": text, "ref": ref})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Show what a person said."""
        message = events.Message.read(event)
        if message is not None:
            await self.show(message.frame(self.speaker.person))

    async def chat_system(self, event: dict[str, Any]) -> None:
        """Show what the system says."""
        system = events.System.read(event)
        if system is not None:
            await self.show(system.frame())
