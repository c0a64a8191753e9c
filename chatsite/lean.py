"""uvicorn's WebSocket protocol, for rooms full of people: `uvicorn --ws chatsite.lean:Lean`."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side, State

from chatsite.doorway import Doorway, ordinary
from chatsite.mailbox import Gate, Mailbox

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport

    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent


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

    def connection_made(self, transport: "BaseTransport") -> None:
        """Take over a connection from the protocol that read the request."""
        http = cast("Transport", transport).get_protocol()
        asked = ordinary(http, self.config)
        if asked is None or not isinstance(http, HttpToolsProtocol):
            super().connection_made(transport)
            return
        self.connections.add(self)
        self.transport = transport  # type: ignore[assignment]
        self.server, self.client = http.server, http.client
        self.scheme = "wss" if http.scheme == "https" else "ws"
        self.conn = Doorway(asked)  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        if not isinstance(self.conn, Doorway):
            super().data_received(data)
        elif not self.handshake_initiated:  # the request, written out again
            self.handle_connect(self.conn.asked)
        else:
            self.conn.early += data
            self.read_paused = True
            self.transport.pause_reading()

    def send_receive_event_to_app(self) -> None:
        """Pass on what came; what is no UTF-8 ends the connection, and is worth no traceback."""
        if self.curr_msg_data_type == "text" and not (self.close_sent or _is_text(self.frames)):
            self.frames = []
            self.conn.send_close(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
            return
        super().send_receive_event_to_app()

    async def receive(self) -> "ASGIReceiveEvent":
        """Return the next ASGI event; as uvicorn's, with one coroutine less while it waits."""
        while self.queue.empty():
            await self.queue.arrival()  # type: ignore[attr-defined]  # a `Mailbox`
        message: ASGIReceiveEvent = self.queue.get_nowait()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()
        return message

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
        if isinstance(self.conn, Doorway) and self.conn.state is State.OPEN:
            self._forget_handshake(self.conn.early)

    def _forget_handshake(self, early: bytes) -> None:
        """Drop what only the handshake needed: most of what an idle socket holds."""
        self.scope["headers"].clear()  # type: ignore[attr-defined]  # it is a list
        self.scope.clear()  # type: ignore[attr-defined]  # Channels' router made a copy
        del self.scope, self.request, self.response
        self.conn = Protocol(  # type: ignore[assignment]  # what is after the handshake is in it
            Side.SERVER, max_size=self.config.ws_max_size, logger=self.logger
        )
        if early:
            super().data_received(early)
            if self.read_paused and self.queue.empty():
                self.read_paused = False
                self.transport.resume_reading()


def _is_text(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=8)
def _frame(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
