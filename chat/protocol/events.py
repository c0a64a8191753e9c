"""What travels over a room's group: the types, their fields, and the frames they become.

Other code may send to a room's group too, so an event is read with forgiveness: whatever
has a text is shown, and nothing that arrives can close a socket.
"""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID, uuid5

from chat.protocol.frames import MAX_TEXT, clean_text

MESSAGE = "chat.message"
SYSTEM = "chat.system"
REMOVED = "This message was removed."
LEVELS = ("info", "warning", "critical")

# How a broadcast from outside looks; the braces are filled in by whoever sends it.
BROADCAST = {
    "type": SYSTEM,
    "text": "{message}",
    "level": "{level}",
    "from": "{from}",
    "id": "{id}",
    "at": "{at}",
}

_NOT_MINE = '"mine": false, "ref": null}'
_UNKNOWN = "unknown"
_MOST = 65_536  # letters that the system may say at once; who sends them is trusted
# Drawn once; namespaces of our own.
_MESSAGES = UUID("0d5c3b52-6f0b-4c55-9a86-5b5f3f3f0f6e")
_AUTHORS = UUID("5b0e0a0c-3a0e-4f0f-9c35-0c9f5b7a8f11")


def now() -> str:
    """Return the time as it stands in events and frames: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def new_id() -> str:
    """Return an id that no other event has."""
    return f"{random.getrandbits(128):032x}"  # unique, not secret: no system call


def id_of(room: str, person: str, ref: str | None) -> str:
    """Return the id of a message: the same one when its author sends it again.

    Nobody else can make it, since a person's key is known to the servers alone.
    """
    return uuid5(_MESSAGES, f"{room} {person} {ref}").hex if ref else new_id()


def author_of(person: str) -> str:
    """Return what stands for a person in events and in the database: no key, but theirs alone."""
    return uuid5(_AUTHORS, person).hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person said; a stored one has a number in its room, a foreign one has none."""

    text: str
    name: str
    guest: bool
    ref: str | None = None
    id: str = field(default_factory=new_id)
    at: str = field(default_factory=now)
    author: str | None = None
    number: int | None = None
    removed: bool = False

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Self | None:
        """Read an event; None where it has no text."""
        text = _text(event)
        if text is None:
            return None
        return cls(
            text=text,
            name=_line(event.get("name")) or _UNKNOWN,
            guest=event.get("guest") is not False,  # unproven is a guest
            ref=_ref(event.get("ref")),
            id=_line(event.get("id")) or new_id(),
            at=_time(event.get("at")),
            author=_ref(event.get("author")),
            number=_number(event.get("number")),
        )

    def event(self) -> dict[str, Any]:
        """Return what is sent to the group."""
        return {
            "type": MESSAGE,
            "text": self.text,
            "name": self.name,
            "guest": self.guest,
            "ref": self.ref,
            "id": self.id,
            "at": self.at,
            "author": self.author,
            "number": self.number,
        }

    def frame(self, *, mine: bool) -> dict[str, Any]:
        """Return what is sent to a client; its author alone gets the ref."""
        return {
            "type": "message",
            "number": self.number,
            "message": REMOVED if self.removed else self.text,
            "from": self.name,
            "guest": self.guest,
            "id": self.id,
            "at": self.at,
            **({"removed": True} if self.removed else {}),
            "mine": mine,
            "ref": self.ref if mine else None,
        }

    def texts(self) -> tuple[str, str]:
        """Return the frame as JSON, for the others and for its author; encoded once for both."""
        text = json.dumps(self.frame(mine=False))
        own = f'"mine": true, "ref": {json.dumps(self.ref)}}}'
        return text, text.removesuffix(_NOT_MINE) + own


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What the system, or someone who runs it, tells everybody in the room."""

    text: str
    level: str = "info"
    sender: str | None = None
    id: str = field(default_factory=new_id)
    at: str = field(default_factory=now)

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Self | None:
        """Read an event; None where it has no text."""
        text = _text(event, _MOST)
        if text is None:
            return None
        level = event.get("level")
        return cls(
            text=text,
            level=level if isinstance(level, str) and level in LEVELS else "info",
            sender=_line(event.get("from")),
            id=_line(event.get("id")) or new_id(),
            at=_time(event.get("at")),
        )

    def frame(self) -> dict[str, Any]:
        """Return what is sent to a client."""
        return {
            "type": "system",
            "message": self.text,
            "level": self.level,
            "from": self.sender,
            "id": self.id,
            "at": self.at,
        }


def _text(event: Mapping[str, Any], most: int = MAX_TEXT) -> str | None:
    # "message" is where the Channels tutorial's own events have it.
    value = event.get("text", event.get("message"))
    if value is None:
        return None
    return clean_text(str(value))[:most].strip("\n") or None


def _line(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(clean_text(value).split())[:150] or None


def _ref(value: object) -> str | None:
    return value if isinstance(value, str) and value.isascii() else None


def _number(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _time(value: object) -> str:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return now()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


# What the chat understands of what is sent to a room's group; all else is ignored.
READERS: dict[str, Callable[[Mapping[str, Any]], Message | System | None]] = {
    MESSAGE: Message.read,
    SYSTEM: System.read,
}
