"""What came back from a site's door."""

from dataclasses import dataclass
from enum import StrEnum


class Obstacle(StrEnum):
    """What kept a socket from being opened."""

    UNKNOWN_HOST = "unknown host"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    CERTIFICATE = "certificate"
    TLS = "tls"
    HTTP = "http"
    NO_ANSWER = "no answer"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """A door that stayed shut; `status` and what follows are those of an HTTP answer."""

    obstacle: Obstacle
    said: str
    status: int | None = None
    server: str = ""
    location: str = ""
    media: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A socket that was closed; `code` is 1006 where it was cut without a word."""

    code: int
    reason: str
