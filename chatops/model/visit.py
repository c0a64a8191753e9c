"""What a check is to do at a running site's door."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from chatops.errors import BadValue, foreign, hidden
from chatops.model.expression import Expression, expression

_SCHEMES = {"ws": "http", "wss": "https"}
_PORTS = {"ws": 80, "wss": 443}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_QUERY = re.compile(r"\?([^#\s]+)")
_OURS = (
    "host",
    "upgrade",
    "connection",
    "content-length",
    "transfer-encoding",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where to go, as whom, and what to say there; `visit` makes one from what a user typed.

    `origin` is `None` for that of a page on the same site, and empty for no header at all.
    With `chat_room`, `url` is the site's base, and the protocol is that of our own chat.
    """

    url: str
    origin: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    send: str | None = None
    expect: Expression | None = None
    chat_room: str | None = None

    @property
    def own_origin(self) -> str:
        """The `Origin` that a browser sends from a page on this site."""
        parts = urlsplit(self.url)
        host = _ascii(parts.hostname or "")
        port = "" if parts.port in {None, _PORTS[parts.scheme]} else f":{parts.port}"
        return f"{_SCHEMES[parts.scheme]}://{host}{port}"

    @property
    def host(self) -> str:
        """The site's host, as ALLOWED_HOSTS would name it."""
        return _ascii(urlsplit(self.url).hostname or "")


def visit(  # noqa: PLR0913 - each is one option of the command
    url: str,
    *,
    origin: str | None = None,
    headers: Sequence[str] = (),
    send: str | None = None,
    expect: str | None = None,
    chat: str | None = None,
) -> Visit:
    """Read the options of a visit; raises `BadValue` for the one that is malformed.

    A header is `Name: value`, `send` is JSON, `expect` a JMESPath, `chat` a room.
    """
    parts = _parts(url)
    if chat is not None and (send is not None or expect is not None):
        raise BadValue("--chat says and expects by itself: leave out --send and --expect.")
    if send is not None:
        with foreign(BadValue, "--send is not JSON"):  # the text itself may hold a key
            json.loads(send)
    if origin:
        _origin(origin)
    if chat is not None:
        url = _room(parts, chat)
    return Visit(
        url=url,
        origin=origin,
        headers=tuple(_header(each) for each in headers),
        send=send,
        expect=None if expect is None else expression(expect),
        chat_room=chat,
    )


def _parts(url: str) -> SplitResult:
    named = repr(shown(url))
    with foreign(BadValue, f"--websocket {named} is not a URL"):
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname or ""), parts.port
    if parts.scheme not in _SCHEMES:
        raise BadValue(f"--websocket {named} must begin with ws:// or wss://")
    if not host or port == 0 or parts.fragment or not url.isprintable() or " " in url:
        raise BadValue(f"--websocket {named} is not such as wss://example.com/ws/chat/lobby/")
    return parts


def shown(url: str) -> str:
    """Return a URL as it may stand in a log: without a password, and without its query's values."""
    return hidden(_QUERY.sub(lambda found: f"?{_names(found[1])}", url))


def _names(query: str) -> str:
    pairs = (each.partition("=") for each in query.split("&"))
    return "&".join(f"{name}=***" if equals else "***" for name, equals, _ in pairs)


def _ascii(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    return host if host.isascii() else host.encode("idna").decode()


def _origin(text: str) -> None:
    with foreign(BadValue, f"--origin {text!r} is not an origin"):
        parts = urlsplit(text)
        rest = parts.path or parts.query or parts.fragment or parts.username
        whole = parts.scheme and parts.hostname and not rest and parts.port != 0
    if text != "null" and not (whole and _VALUE.fullmatch(text) and " " not in text):
        raise BadValue(f"--origin {text!r} is not such as https://example.com (no path, no slash).")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    value = value.strip()
    # The text itself may be a cookie or a key, which stays out of logs.
    if not colon:
        raise BadValue('--header needs a name and a colon, such as "Cookie: sessionid=…".')
    if not (_TOKEN.fullmatch(name) and _VALUE.fullmatch(value)):
        raise BadValue(f'--header {name[:40]!r} is not such as "Cookie: sessionid=…", in ASCII.')
    if name.lower() in _OURS:
        raise BadValue(f"--header {name}: the handshake sets this itself, from the URL.")
    if name.lower() == "origin":
        raise BadValue("--header Origin: use --origin.")
    wishes = value.split(",") if name.lower() == "sec-websocket-protocol" else ()
    if not all(_TOKEN.fullmatch(each.strip()) for each in wishes):
        raise BadValue(f"--header {name}: its value is names with commas, such as chat.v1, chat.v2")
    return name, value


def _room(parts: SplitResult, room: str) -> str:
    if not room or not room.isprintable():
        raise BadValue(f"--chat {room!r} is not a room's name.")
    base, below, _ = parts.path.rstrip("/").partition("/ws/chat")
    if below:
        site = shown(parts._replace(path=base, query="").geturl())
        raise BadValue(f"--chat adds the room's path itself: use --websocket {site}")
    return parts._replace(path=f"{base}/ws/chat/{quote(room, safe='')}/", query="").geturl()
