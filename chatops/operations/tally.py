"""Count what a tail hears."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from chatops.model.message import Arrival, Hole
from chatops.model.statistics import Statistics
from chatops.operations.choosing import has_hole

_ROOMS = 10_000
"""Groups counted apart at the most; what comes in others is counted together."""


@dataclass(slots=True)
class _Counts:
    messages: int = 0
    size: int = 0
    largest: int = 0
    gaps: int = 0
    missed: int = 0


class Tally:
    """What came since the beginning; and where `apart`, in each group since the last look.

    What says no group is of the `only` one, where there is no other.
    """

    def __init__(self, *, apart: bool = False, only: str | None = None) -> None:
        self.seen = 0
        self.missed = 0
        self._apart = apart
        self._only = only
        self._groups: dict[str | None, _Counts] = defaultdict(_Counts)
        self._since = time.monotonic()

    def count(self, batch: Sequence[Arrival | Hole]) -> None:
        """Count what came at once."""
        self.seen += len(batch)
        if has_hole(batch):
            holes = [each for each in batch if isinstance(each, Hole)]
            self.seen -= len(holes)
            self.missed += sum(each.missed or 0 for each in holes)
        if self._apart:
            for each in batch:
                self._count(each)

    def _count(self, each: Arrival | Hole) -> None:
        group = each.group or self._only
        known = group in self._groups or len(self._groups) < _ROOMS
        counts = self._groups[group if known else None]
        if isinstance(each, Hole):
            counts.gaps += 1
            counts.missed += each.missed or 0
        else:
            counts.messages += 1
            counts.size += each.size or 0
            counts.largest = max(counts.largest, each.size or 0)

    def look(self, room: Callable[[str], str | None]) -> list[Statistics]:
        """Return what came in each group since the last look, most messages first."""
        groups, self._groups = self._groups, defaultdict(_Counts)
        since, self._since = self._since, time.monotonic()
        seconds = self._since - since
        return [
            Statistics(
                room=room(group) if group is not None else None,
                group=group,
                seconds=round(seconds, 3),
                messages=counts.messages,
                per_s=round(counts.messages / seconds, 1),
                bytes=counts.size,
                largest=counts.largest,
                gaps=counts.gaps,
                missed=counts.missed,
            )
            for group, counts in sorted(groups.items(), key=lambda item: -item[1].messages)
        ]


async def statistics(
    tally: Tally, every: float, room: Callable[[str], str | None]
) -> AsyncGenerator[Statistics, None]:
    """Yield what came in each room, again and again."""
    while True:
        await asyncio.sleep(every)
        for each in tally.look(room):
            yield each
