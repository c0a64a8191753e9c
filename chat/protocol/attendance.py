"""What may happen to the attendance of a room, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from chat.models import Restriction
from chat.protocol import signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One open socket in a room; `name` is what its person is called, or wants to be."""

    key: UUID
    room: str
    name: str
    author: str
    guest: bool
    lasting: bool = True  # whether the person can come back as the same one
    joined_at: datetime = field(default_factory=timezone.now)


@dataclass(frozen=True, slots=True)
class Arrive:
    """Somebody comes in, under this name or one like it."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class Rename:
    """Somebody wants another name; where they `must` have one, one like it will do.

    It may be the one that they had, which somebody else may have taken meanwhile.
    """

    seat: Seat
    must: bool
    was: str


@dataclass(frozen=True, slots=True)
class Leave:
    """A socket is closed."""

    seat: Seat


Wish = Arrive | Rename | Leave


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish; no name where it was taken, or where they may not come in."""

    name: str | None = None
    expelled: Restriction | None = None


@dataclass(slots=True)
class Change:
    """What a transaction changed in one room, and its number there."""

    turn: int = 0
    came: dict[UUID, Seat] = field(default_factory=dict)  # or have another name
    renamed: list[Seat] = field(default_factory=list)
    went: dict[UUID, Seat] = field(default_factory=dict)
    whole: bool = False  # whether no others of this server are there

    def __bool__(self) -> bool:
        return bool(self.came or self.went) or self.whole

    def event(self, server: UUID) -> dict[str, Any]:
        """Return what is sent to the room's group."""
        # By whom; nobody, where it was this server that found the old name taken.
        named = [["" if self.whole else s.key.hex, s.author, s.name] for s in self.renamed]
        came = [[key.hex, seat.author, seat.name, seat.guest] for key, seat in self.came.items()]
        return {
            "type": signals.PEOPLE,
            "turn": self.turn,
            "server": server.hex,
            "whole": self.whole,
            "came": came,
            "went": [key.hex for key in self.went],
            **({"named": named} if named else {}),
        }
