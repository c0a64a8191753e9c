"""What is seen on a channel layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from chatops.errors import Exit
from chatops.model.result import Result, Talk

Wire = bytes
"""What a message is on the wire; under a name of its own, because `bytes` is a public field."""


class Arrival(NamedTuple):
    """One message as the layer hands it over; a tuple, because there are a million of them.

    `size` is in bytes on the wire, `None` where there is no wire. `problem` says why `body`
    is empty: the bytes were not readable with our serializer and keys. `group` is `None` where
    only one is watched, and the layer does not say; `payload` is the bytes off the wire.
    Its fields may be given by position: that is twice as fast.
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
    """From here on, what is sent is seen; with several rooms or patterns, `room` is `None`."""

    kind: ClassVar[str] = "ready"

    room: str | None
    group: str | None
    watching: Sequence[str] = ()

    @property
    def said(self) -> str:
        """What we watch."""
        what = ", ".join(self.watching) or self.room or self.group
        return f"Watching {what}. Ctrl-C ends it."


class Message(NamedTuple):
    """One message that was sent to a group; a tuple for the reason that `Arrival` is one.

    All but `payload`, the bytes off the wire, are the names in its JSON, and so are public.
    """

    room: str | None
    group: str
    type: str | None
    body: dict[str, Any]
    seen_at: datetime
    bytes: int | None
    problem: str | None = None
    payload: Wire | None = None

    @property
    def kind(self) -> str:
        """As every result has."""
        return "message"

    @property
    def exit(self) -> Exit:
        """What it means for the exit code."""
        return Exit.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap(Result):
    """Here messages may be missing: `missed` of them in `seconds`, `None` where nobody knows.

    Without a `group` it is in all that are watched.
    """

    kind: ClassVar[str] = "gap"

    room: str | None
    group: str | None
    seconds: float | None
    reason: str
    missed: int | None = None


Shown = Result | Message
"""What a screen shows."""

Heard = Sequence[Message | Gap]
"""What a tail heard at once, in order."""
