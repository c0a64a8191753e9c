"""The handshake that nearly every client makes, answered without reading it a second time.

uvicorn has a request's headers when it comes to an upgrade; it writes them out, and has websockets
parse and weigh them again. That was a quarter of what it takes to let somebody into a room.
"""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.http11 import Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.utils import accept_key

_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
_TOKEN = rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_TOKENS = re.compile(_TOKEN + rb"(?:[ \t]*,[ \t]*" + _TOKEN + rb")*")
_MOST_HEADERS, _LONGEST = 64, 4096  # half of what websockets takes
_ODD = (b"content-length", b"transfer-encoding")


class Asked:
    """A request as `websockets.http11.Request` has it, as far as uvicorn looks."""

    __slots__ = ("_headers", "key", "path")

    def __init__(self, path: str, key: str, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.path = path
        self.key = key
        self._headers = headers

    @property
    def headers(self) -> "Asked":
        """Its headers, which are asked below."""
        return self

    def raw_items(self) -> Iterable[tuple[str, str]]:
        """Return all headers."""
        return [(name.decode("ascii"), value.decode("latin-1")) for name, value in self._headers]

    def get_all(self, name: str) -> list[str]:
        """Return the values of those with this name."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for name, value in self._headers if name == wanted]


def ordinary(http: object, config: Config) -> Asked | None:
    """Return what a client asks; None where anything is odd, which is left to websockets."""
    if not isinstance(http, HttpToolsProtocol):
        return None
    headers = [(name, value.strip(b" \t")) for name, value in http.headers]
    sent = dict(headers)
    key = sent.get(b"sec-websocket-key", b"")
    fine = (
        http.scope["method"] == "GET"
        and http.scope["http_version"] == "1.1"
        and sent.get(b"upgrade", b"").lower() == b"websocket"
        and sent.get(b"sec-websocket-version") == b"13"
        and _KEY.fullmatch(key)
        and _TOKENS.fullmatch(sent.get(b"connection", b""))
        and _TOKENS.fullmatch(sent.get(b"sec-websocket-protocol", b"any"))
        and len(headers) == len(sent) <= _MOST_HEADERS  # none twice
        and max(map(len, sent.values())) <= _LONGEST >= len(http.url)
        and not any(name in sent for name in _ODD)
        and not (config.ws_per_message_deflate and b"sec-websocket-extensions" in sent)
    )
    return Asked(http.url.decode("ascii"), key.decode(), headers) if fine else None


class _Headers(list[tuple[str, str]]):
    """What an answer says, beside what all of them say."""

    update = list.extend

    def __delitem__(self, name: Any) -> None:  # noqa: ANN401 - uvicorn takes out a Date
        """Take out what is not there."""


class Welcome:
    """The answer that lets a client in."""

    __slots__ = ("_key", "headers")
    status_code = HTTPStatus.SWITCHING_PROTOCOLS

    def __init__(self, key: str) -> None:
        self._key = key
        self.headers = _Headers()

    def serialize(self) -> bytes:
        """Return it as it is sent."""
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_key(self._key)}\r\n{more}\r\n"
        ).encode("latin-1")


class Doorway:
    """What stands for `websockets.server.ServerProtocol` until a client is in."""

    __slots__ = ("_answer", "asked", "early", "state")
    extensions = ()
    parser_exc = None

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.early = b""
        self.state = State.CONNECTING
        self._answer = b""

    def accept(self, asked: Asked) -> Welcome:
        """Return the answer that lets it in."""
        return Welcome(asked.key)

    def reject(self, status: HTTPStatus, text: str) -> Response:
        """Return an answer that does not."""
        return ServerProtocol().reject(status, text)

    def receive_data(self, data: bytes) -> None:
        """Keep what came too early."""
        self.early += data

    def events_received(self) -> tuple[()]:
        """Return nothing: nobody is in."""
        return ()

    def send_response(self, response: Welcome | Response) -> None:
        """Have an answer sent."""
        self._answer = response.serialize()
        if isinstance(response, Welcome):
            self.state = State.OPEN

    def data_to_send(self) -> list[bytes]:
        """Return what is to be sent."""
        return [self._answer]
