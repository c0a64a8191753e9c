"""uvicorn's WebSocket protocol, for rooms full of people: `uvicorn --ws chatsite.lean:Lean`."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from chatsite.mailbox import Gate, Mailbox

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class Lean(WebSocketsSansIOProtocol):
    """Frames a text once, however many sockets it is sent to, and keeps little of each socket.

    Compression frames it for each socket anew, so with `--ws-per-message-deflate` there is
    nothing to gain. The rest is uvicorn's. After the handshake the scope is emptied, so an
    application must have a copy of it by then, as Channels' `URLRouter` makes.
    """

    # uvicorn's own attributes: in its instances' dictionaries they take four times as much.
    __slots__ = (
        "app",
        "app_state",
        "asgi_version",
        "client",
        "close_sent",
        "close_timeout",
        "close_timer",
        "config",
        "conn",
        "connections",
        "curr_msg_data_type",
        "default_headers",
        "disconnected",
        "early",
        "frames",
        "handshake_complete",
        "handshake_initiated",
        "initial_response",
        "last_ping_rtt",
        "logger",
        "loop",
        "pending_ping_payload",
        "ping_interval",
        "ping_sent_at",
        "ping_timeout",
        "ping_timer",
        "pong_timer",
        "queue",
        "read_paused",
        "request",
        "response",
        "root_path",
        "scheme",
        "scope",
        "server",
        "tasks",
        "transport",
        "writable",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self.queue = Mailbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        self.early = False  # whether anything came before the handshake was done

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self.handshake_initiated and not self.handshake_complete:
            self.early = True
        super().data_received(data)

    async def send(self, message: "ASGISendEvent") -> None:
        """Send one ASGI event."""
        text = message.get("text")
        plain = isinstance(text, str) and not self.conn.extensions and self.writable.is_set()
        if (
            plain
            and self.handshake_complete
            and self.conn.state is State.OPEN
            and not self.close_sent
        ):
            self.transport.write(_frame(text))
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_handshake()

    def _forget_handshake(self) -> None:
        """Drop what only the handshake needed: most of what an idle socket holds."""
        if self.conn.state is not State.OPEN:
            return
        self.scope["headers"].clear()  # type: ignore[attr-defined]  # it is a list
        self.scope.clear()  # type: ignore[attr-defined]  # Channels' router made a copy
        del self.scope, self.request, self.response
        if not self.early:
            logger, size = self.conn.logger, self.config.ws_max_size
            fresh = Protocol(Side.SERVER, max_size=size, logger=logger)
            fresh.extensions = self.conn.extensions
            self.conn = fresh  # type: ignore[assignment]  # what is after the handshake is in it


@lru_cache(maxsize=8)
def _frame(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
