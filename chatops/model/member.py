"""Who is in a group, one by one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from chatops.errors import Exit
from chatops.model.result import Result


class Life(StrEnum):
    """What is known of a member's process.

    A ghost's process is gone. `silent` does not answer, but may only be stopped or cut off;
    `unknown` could not be asked. A tap is a tail of chatops, and counts nowhere.
    """

    ALIVE = "alive"
    GHOST = "ghost"
    SILENT = "silent"
    TAP = "tap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberState:
    """One member of a group as its layer sees it; `process` begins the names of its channels.

    `why` says how its life is known, or why it is not; `None` for a tap.
    """

    channel: str
    process: str
    since: datetime | None
    life: Life
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Result):
    """One channel that is in a room's group.

    `since` is when it joined; a consumer that joins again counts from then. `why` says how its
    life is known, or why it is not.
    """

    kind: ClassVar[str] = "member"

    room: str | None
    group: str
    channel: str
    process: str
    since: datetime | None
    life: Life
    why: str | None

    @property
    def exit(self) -> Exit:
        """Nobody is there where there are only taps."""
        return Exit.NO if self.life is Life.TAP else Exit.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Result):
    """One who is in a room, as the project's own roster says; `details` are its words."""

    kind: ClassVar[str] = "person"

    room: str
    name: str
    details: Mapping[str, Any] = field(default_factory=dict)
