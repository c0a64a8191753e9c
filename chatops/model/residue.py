"""What dead processes left behind."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from chatops.errors import Exit
from chatops.model.result import Result


class Left(StrEnum):
    """What was left."""

    MEMBER = "member"
    INFLIGHT = "inflight"


class Fate(StrEnum):
    """What became of it: planned is not done yet; kept has a reason; gone was gone already."""

    PLANNED = "planned"
    REMOVED = "removed"
    KEPT = "kept"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue(Result):
    """One thing that a process left behind: a member of `group`, or one of its queues.

    `key` is its exact name on the server, `process` whose it was.
    """

    kind: ClassVar[str] = "residue"

    left: Left
    room: str | None
    group: str | None
    channel: str | None
    process: str
    key: str
    why: str
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned(Result):
    """What a whole `prune` did, or with `planned` would do, in the rooms of a pattern."""

    kind: ClassVar[str] = "pruned"

    pattern: str
    planned: int
    removed: int
    kept: int
    gone: int

    @property
    def exit(self) -> Exit:
        """What was kept back leaves it partly done."""
        return Exit.PARTLY if self.kept else Exit.DONE
