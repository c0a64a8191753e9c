"""What a running site answers to a WebSocket client; the one place that knows `websockets`."""

import ipaddress
import re
import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)
from websockets.typing import Origin, Subprotocol

from chatops.errors import hidden
from chatops.model.answer import Closed, Obstacle, Shut

_LARGEST = 16 * 2**20
"""Bytes of the largest frame that is read."""

_BODY = 4000
"""Characters of an HTTP answer that are kept."""

_FAREWELL = 1.0
"""Seconds that the site may take to answer a close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a client asks for; `origin` is `None` for no such header."""

    url: str
    origin: str | None
    headers: Sequence[tuple[str, str]] = ()
    subprotocols: Sequence[str] = ()


class Socket:
    """A socket that the site accepted."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def say(self, text: str) -> None:
        """Send one text frame; where the socket is closed, `heard` tells."""
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            return

    async def heard(self) -> str | bytes | Closed:
        """Wait for the next frame, or the end."""
        try:
            return await self._connection.recv()
        except ConnectionClosed:
            code, reason = self._connection.close_code, self._connection.close_reason
            return Closed(code=code or 1006, reason=reason or "")


class _Straight(connect):
    """A handshake as browsers make it, which follow no redirect."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


@asynccontextmanager
async def opened(door: Door, patience: float) -> AsyncIterator[Socket | Shut]:
    """Make a handshake, within `patience` seconds; the block gets the socket or what was said."""
    proxy = _proxy(door.url)
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(
                _Straight(
                    door.url,
                    origin=None if door.origin is None else Origin(door.origin),
                    additional_headers=[*door.headers],
                    subprotocols=[Subprotocol(each) for each in door.subprotocols] or None,
                    open_timeout=patience,
                    close_timeout=_FAREWELL,
                    ping_interval=None,
                    max_size=_LARGEST,
                    proxy=proxy,
                )
            )
        except (OSError, WebSocketException, ImportError, UnicodeError) as error:
            answer: Socket | Shut = _shut(error, proxy)
        else:
            answer = Socket(connection)
        yield answer


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for a URL; for this machine there is none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    where = host if parts.port is None else f"{host}:{parts.port}"
    if _is_here(host) or urllib.request.proxy_bypass(where):
        return None
    named = urllib.request.getproxies()
    # In the order of `websockets`, whose own function has moved between its versions.
    schemes = (
        ("wss", "socks", "https") if parts.scheme == "wss" else ("ws", "socks", "https", "http")
    )
    found = next((each for each in schemes if each in named), None)
    if found == "socks":
        return re.sub("^http://", "socks5h://", named[found])
    return None if found is None else named[found]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _shut(error: Exception, proxy: str | None) -> Shut:
    if isinstance(error, InvalidStatus):
        return _http(error)
    kinds: tuple[tuple[type[Exception], Obstacle], ...] = (
        (ssl.SSLCertVerificationError, Obstacle.CERTIFICATE),
        (ssl.SSLError, Obstacle.TLS),
        (InvalidProxy, Obstacle.PROXY),
        (ProxyError, Obstacle.PROXY),
        (ImportError, Obstacle.PROXY),  # a SOCKS proxy needs a library of its own
        (TimeoutError, Obstacle.SILENT),
        (socket.gaierror, Obstacle.UNKNOWN_HOST),
        (UnicodeError, Obstacle.UNKNOWN_HOST),  # a label that is too long for DNS
        (ConnectionResetError, Obstacle.NO_ANSWER),
        (OSError, Obstacle.UNREACHABLE),
    )
    obstacle = next((each for kind, each in kinds if isinstance(error, kind)), Obstacle.NO_ANSWER)
    said = getattr(error, "verify_message", None) or str(error) or type(error).__name__
    if proxy is not None and obstacle in {Obstacle.UNKNOWN_HOST, Obstacle.UNREACHABLE}:
        obstacle, said = (
            Obstacle.PROXY,
            f"{hidden(proxy)}: {said}",
        )  # the site itself is not asked by us
    because = f" ({error.__cause__})" if obstacle is Obstacle.NO_ANSWER and error.__cause__ else ""
    return Shut(obstacle=obstacle, said=" ".join(f"{said}{because}".split()))


def _http(error: InvalidStatus) -> Shut:
    answer = error.response

    def header(name: str) -> str:
        return ", ".join(answer.headers.get_all(name))

    return Shut(
        obstacle=Obstacle.HTTP,
        said=f"{answer.status_code} {answer.reason_phrase}".strip(),
        status=answer.status_code,
        server=header("Server") or header("Via"),
        location=header("Location"),
        media=header("Content-Type"),
        body=bytes(answer.body or b"")[:_BODY].decode("utf-8", "replace"),
    )
