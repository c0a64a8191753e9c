"""How rooms, and who is in them, are drawn: as tables that grow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from chatops.model.member import Life, Member, Person
from chatops.model.result import Result
from chatops.model.room import Reach, Room
from chatops.rendering.reach import counted
from chatops.rendering.visible import visible

FIRST, MORE = 50, 500
"""Rows that wait for one another: at first, so that something is seen at once, and later."""

_LIFE = {
    Life.ALIVE: "green",
    Life.GHOST: "bold red",
    Life.SILENT: "yellow",
    Life.TAP: "dim",
    Life.UNKNOWN: "magenta",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

Row = Sequence[Text]


def _room(value: Room) -> Row:
    backlog = "-" if value.backlog is None else f"{value.backlog}/{value.capacity}"
    stale = Text("-" if value.stale is None else str(value.stale))
    if value.stale:
        stale.stylize("bold red")
    return [
        Text(visible(value.room or "-")),
        Text(visible(value.group)),
        Text(counted(Reach(count=value.count, unit=value.unit))),
        Text("-" if value.processes is None else str(value.processes)),
        stale,
        Text(backlog),
        Text(_age(value.oldest)),
        Text(_age(value.newest)),
    ]


def _member(value: Member) -> Row:
    return [
        Text(visible(value.channel)),
        Text(value.life.value, style=_LIFE[value.life]),
        Text(_age(value.since)),
        Text(visible(value.process)),
        Text("" if value.life is Life.ALIVE else visible(value.why or "")),
    ]


def _person(value: Person) -> Row:
    details = ", ".join(f"{key}={_shown(each)}" for key, each in value.details.items())
    return [Text(visible(value.name)), Text(visible(details))]


def _shown(value: object) -> str:
    return f"{_age(value)} ago" if isinstance(value, datetime) else str(value)


def _age(moment: datetime | None) -> str:
    """Say how long ago that was, in the largest unit that fits."""
    if moment is None:
        return "-"
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit, size in (("d", _DAY), ("h", _HOUR), ("m", _MINUTE)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


_TABLES: Mapping[type[Result], tuple[Sequence[str], Callable[[Any], Row]]] = {
    Room: (
        ("room", "group", "count", "processes", "ghosts", "backlog", "oldest", "newest"),
        _room,
    ),
    Member: (("member", "life", "since", "process", "why"), _member),
    Person: (("person", "what the roster says"), _person),
}
_NUMBERS = frozenset({"count", "processes", "ghosts", "backlog", "oldest", "newest", "since"})


class Occupants:
    """Rows of one kind, drawn in parts that stand below one another."""

    def __init__(self, kind: type[Result]) -> None:
        self.kind = kind
        self._headings, self._row = _TABLES[kind]
        self._rows: list[Row] = []
        self._widths: list[int] = []

    @staticmethod
    def draws(value: Result) -> bool:
        """Tell whether such a value is a row of a table."""
        return type(value) in _TABLES

    @property
    def waiting(self) -> bool:
        """Tell whether rows wait to be drawn."""
        return bool(self._rows)

    def add(self, value: Result) -> bool:
        """Take a row; tells whether enough of them wait to be drawn."""
        self._rows.append(self._row(value))
        return len(self._rows) >= (MORE if self._widths else FIRST)

    def table(self) -> Table:
        """Draw what waits, below what was drawn before."""
        is_first, rows, self._rows = not self._widths, self._rows, []
        if is_first:
            columns = zip(
                self._headings, *([each.plain for each in row] for row in rows), strict=True
            )
            self._widths = [max(map(cell_len, column)) for column in columns]
        table = Table(box=None, pad_edge=False, show_header=is_first)
        for heading, width in zip(self._headings, self._widths, strict=True):
            table.add_column(
                heading,
                justify="right" if heading in _NUMBERS else "left",
                min_width=width,
                overflow="fold",
            )
        for row in rows:
            table.add_row(*row)
        return table
