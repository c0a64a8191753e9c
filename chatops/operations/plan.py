"""Who a broadcast is for, however many they are."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from chatops.model.target import Target

if TYPE_CHECKING:
    import sqlite3

_FEW = 20_000
"""Targets that are kept in memory; more go into a private database on the disk."""

_TABLES = """
CREATE TABLE planned (place INTEGER PRIMARY KEY, room TEXT, name TEXT UNIQUE, event BLOB)
"""


class Planned(NamedTuple):
    """One target, its place in the plan, and its event where each room has one of its own."""

    place: int
    target: Target
    event: dict[str, Any] | None


class Plan:
    """Targets, each once, in the order in which they came; memory does not grow with them."""

    def __init__(self) -> None:
        self._few: dict[str, Planned] = {}
        self._database: sqlite3.Connection | None = None
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()

    def __len__(self) -> int:
        return self._count

    def add(self, target: Target, place: int | None = None) -> bool:
        """Add a target, at the end or at its `place` of an earlier run; tells whether it is new."""
        planned = Planned(self._count if place is None else place, target, None)
        if self._database is None and len(self._few) < _FEW:
            is_new = target.group not in self._few
            self._few.setdefault(target.group, planned)
        else:
            is_new = self._stored(planned)
        self._count += is_new
        return is_new

    def cut(self, count: int) -> None:
        """Forget all but the first so many targets."""
        self._count = min(count, self._count)
        if self._database is None:
            self._few = dict(list(self._few.items())[:count])
        else:
            self._database.execute("DELETE FROM planned WHERE place >= ?", (count,))

    def _stored(self, planned: Planned) -> bool:
        if self._database is None:
            import sqlite3  # noqa: PLC0415 - few broadcasts are that large

            self._database = sqlite3.connect("")  # a file without a name, gone when it is closed
            self._database.execute(_TABLES)
            few, self._few = self._few, {}
            for each in few.values():
                self._stored(each)
        done = self._database.execute(
            "INSERT OR IGNORE INTO planned VALUES (?, ?, ?, NULL)",
            (planned.place, planned.target.room, planned.target.group),
        )
        return done.rowcount == 1

    def keep(self, batch: Sequence[Planned]) -> None:
        """Keep the events of a batch that was handed out."""
        if self._database is None:
            self._few.update((each.target.group, each) for each in batch)
            return
        import pickle  # noqa: PLC0415 - few broadcasts are that large

        self._database.executemany(
            "UPDATE planned SET event = ? WHERE place = ?",
            [(pickle.dumps(each.event), each.place) for each in batch],
        )

    def batches(self, size: int) -> Iterator[Sequence[Planned]]:
        """Hand out so many at a time."""
        if self._database is None:
            few = list(self._few.values())
            yield from (few[start : start + size] for start in range(0, len(few), size))
            return
        import pickle  # noqa: PLC0415

        place = -1
        while rows := self._database.execute(
            "SELECT place, room, name, event FROM planned WHERE place > ? ORDER BY place LIMIT ?",
            (place, size),
        ).fetchall():
            place = rows[-1][0]
            yield [
                Planned(at, Target(room=room, group=name), event and pickle.loads(event))  # noqa: S301 - our own
                for at, room, name, event in rows
            ]
