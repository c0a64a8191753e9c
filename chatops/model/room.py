"""Who is where."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from chatops.model.result import Result


class Unit(StrEnum):
    """What a count counts."""

    MEMBERS = "members"
    PROCESSES = "processes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many something reaches."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """One group as its layer sees it; `None` where this layer cannot know."""

    group: str
    count: int
    unit: Unit
    processes: int | None = None
    stale: int | None = None
    backlog: int | None = None
    capacity: int | None = None
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room(Result):
    """One room that someone is in.

    `room` is `None` for a group that does not belong to a room by the project's rule.
    `stale` counts the members whose process is gone. `backlog` is the fullest queue among its
    processes, in messages; at `capacity` the layer drops. `oldest` and `newest` are when the
    first and the last of its members joined.
    """

    kind: ClassVar[str] = "room"

    room: str | None
    group: str
    count: int
    unit: Unit
    processes: int | None
    stale: int | None
    backlog: int | None
    capacity: int | None
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Result):
    """The end of one round of a list that is watched; `problem` says why it is not whole."""

    kind: ClassVar[str] = "round"

    at: datetime
    rooms: int
    problem: str | None
