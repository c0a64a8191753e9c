"""uvicorn's WebSocket protocol, for rooms full of people: `uvicorn --ws chatsite.lean:Lean`."""

from functools import lru_cache
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


class Lean(WebSocketsSansIOProtocol):
    """Frames a text once, however many sockets it is sent to; the rest is uvicorn's.

    Compression frames it for each socket anew, so with `--ws-per-message-deflate` there is
    nothing to gain.
    """

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
        else:
            await super().send(message)


@lru_cache(maxsize=8)
def _frame(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
