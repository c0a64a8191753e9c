"""What is seen on a channel layer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from chatops.model.result import Result, Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as the layer hands it over.

    `size` is in bytes on the wire, `None` where there is no wire. `problem` says why `body`
    is empty: the bytes were not readable with our serializer and keys. `group` is `None` where
    only one is watched, and the layer does not say; `payload` is the bytes off the wire.
    """

    body: dict[str, Any]
    size: int | None
    seen_at: datetime
    problem: str | None = None
    group: str | None = None
    payload: bytes | None = None

    @property
    def type(self) -> str | None:
        """The name by which consumers handle it; `None` where it has none."""
        found = self.body.get("type")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """A time in which messages may have passed unseen; `lasts` while it is not over.

    `missed` is how many they were, `None` where nobody knows; without a `group` it is in all.
    """

    seconds: float | None
    reason: str
    lasts: bool = False
    missed: int | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Talk):
    """From here on, what is sent is seen."""

    kind: ClassVar[str] = "ready"

    room: str | None
    group: str

    @property
    def said(self) -> str:
        """What we watch."""
        return f"Watching {self.room or self.group}. Ctrl-C ends it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Result):
    """One message that was sent to a group."""

    kind: ClassVar[str] = "message"

    room: str | None
    group: str
    type: str | None
    body: dict[str, Any]
    seen_at: datetime
    bytes: int | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Result):
    """Here messages may be missing; `seconds` is `None` where nobody knows how long."""

    kind: ClassVar[str] = "gap"

    room: str | None
    group: str
    seconds: float | None
    reason: str
