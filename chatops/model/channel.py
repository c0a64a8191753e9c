"""What happens on one channel."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from chatops.model.result import Result, Talk


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Result):
    """One event that the layer took; whether anybody receives it, a layer does not say."""

    kind: ClassVar[str] = "sent"

    channel: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Talk):
    """From here on, what is sent to the channel is received."""

    kind: ClassVar[str] = "ready"

    channel: str

    @property
    def said(self) -> str:
        """What we wait for."""
        return f"Receiving on {self.channel}. Ctrl-C ends it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Result):
    """One event that came on a channel; `bytes` is `None` where there is no wire."""

    kind: ClassVar[str] = "received"

    channel: str
    type: str | None
    body: dict[str, Any]
    seen_at: datetime
    bytes: int | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence(Result):
    """Here events may be missing; `seconds` is `None` where nobody knows how long."""

    kind: ClassVar[str] = "gap"

    channel: str
    seconds: float | None
    reason: str
