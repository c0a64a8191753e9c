"""An event as a user types it."""

import json
import math
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn

from chatops.errors import BadValue

_EXAMPLE = """an event is an object such as '{"type": "hello"}'"""


class Level(StrEnum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is said in all rooms of one broadcast, with one id and one time.

    What is `None` was not asked for. `event` is the whole event, and goes out as it is.
    """

    message: str = ""
    level: Level | None = None
    sender: str | None = None
    type: str | None = None
    event: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def __post_init__(self) -> None:
        for what, value in (
            ("The message", self.message),
            ("--from", self.sender),
            ("--type", self.type),
        ):
            _encodable(what, value or "")


def read_event(text: str) -> dict[str, Any]:
    """Read an event from JSON; raises `BadValue` for what no consumer could take."""
    try:
        event = json.loads(text, parse_constant=_unknown, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadValue(f"The event is not JSON ({error}); {_EXAMPLE}.") from error
    if not isinstance(event, dict):
        raise BadValue(f"The event is not an object; {_EXAMPLE}.")
    _encodable("The event", json.dumps(event, ensure_ascii=False))
    return required(event)


def required(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event; raises `BadValue` for what no consumer could take."""
    if not isinstance(event.get("type"), str):
        raise BadValue(f'The event has no text as "type", to be handled by; {_EXAMPLE}.')
    if "__asgi_channel__" in event:
        raise BadValue("The event has '__asgi_channel__', which is the layer's own word.")
    return event


def _encodable(what: str, text: str) -> None:
    """Raise `BadValue` for half of a character, as bytes that are no UTF-8 become."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        letter = f"\\u{ord(error.object[error.start]):04x}"
        raise BadValue(f"{what} has {letter}, which is no character, but half of one.") from error


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(f"{text} is too large a number")
    return number


def _unknown(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
