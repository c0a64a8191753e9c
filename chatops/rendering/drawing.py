"""What needs Rich: tables, and lines of several styles."""

from typing import IO

from rich.console import Console
from rich.text import Text

from chatops.model.result import Result
from chatops.model.room import Round
from chatops.rendering.occupants import Occupants
from chatops.rendering.views import view
from chatops.rendering.visible import visible


class _Console(Console):
    """Rich's, without its own mind about a reader that has left."""

    def on_broken_pipe(self) -> None:
        """Let the caller decide, who may have more to do than to write."""
        raise BrokenPipeError


class Drawing:
    """Draws on `out`."""

    def __init__(self, out: IO[str], *, color: bool) -> None:
        # In a pipe nothing is folded: one value is one line.
        width = None if out.isatty() else 100_000
        self._out = _Console(file=out, no_color=not color, highlight=False, width=width)
        self._table: Occupants | None = None
        self._is_over = False  # a round, whose place the next one takes

    def show(self, value: Result) -> None:
        """Draw one result; rows of a table wait for some others, to stand below one another."""
        if self._is_over and self._out.is_terminal:
            self._out.clear()
        self._is_over = False
        match value:
            case _ if Occupants.draws(value):
                self._row(value)
            case Round():
                self._round(value)
            case _:
                self.close()
                drawn = view(value)
                self._out.print(drawn, soft_wrap=isinstance(drawn, Text))
                self._out.file.flush()

    def close(self) -> None:
        """Draw what waits; what comes next begins a table of its own."""
        self._drawn()
        self._table = None

    def _row(self, value: Result) -> None:
        if self._table is None or self._table.kind is not type(value):
            self.close()
            self._table = Occupants(type(value))
        if self._table.add(value):
            self._drawn()

    def _drawn(self) -> None:
        if self._table is not None and self._table.waiting:
            self._out.print(self._table.table())
        self._out.file.flush()

    def _round(self, value: Round) -> None:
        """End a round; on a terminal the next one takes its place."""
        self.close()
        self._is_over = True
        rooms = "1 room" if value.rooms == 1 else f"{value.rooms} rooms"
        line = Text(f"{value.at.astimezone():%H:%M:%S}  {rooms}", style="dim")
        if value.problem:
            line.append(f"  {visible(value.problem)}", style="bold red")
        self._out.print(line, soft_wrap=True)
        self._out.file.flush()
