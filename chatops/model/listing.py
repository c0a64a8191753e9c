"""How rooms are to be listed."""

from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """What rooms are sorted by: a field of `Room`."""

    ROOM = "room"
    GROUP = "group"
    COUNT = "count"
    PROCESSES = "processes"
    STALE = "stale"
    BACKLOG = "backlog"
    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Unsorted where `sort` is `None`; `raw` takes groups by their own names, as no rooms.

    `every` is how many seconds lie between two rounds, `None` for one round alone.
    """

    sort: Sort | None = None
    limit: int | None = None
    raw: bool = False
    every: float | None = None
