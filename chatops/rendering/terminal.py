"""Results for people: tables and coloured lines, and plain lines in a pipe."""

from typing import IO

from rich.console import Console
from rich.text import Text

from chatops.model.message import Ready
from chatops.model.result import Result
from chatops.model.room import Room
from chatops.rendering.views import listing, view
from chatops.rendering.visible import visible


class _Console(Console):
    """Rich's, without its own mind about a reader that has left."""

    def on_broken_pipe(self) -> None:
        """Let the caller decide, who may have more to do than to write."""
        raise BrokenPipeError


class Terminal:
    """Draws on `out`; all talk goes to `talk`."""

    def __init__(self, out: IO[str], talk: IO[str], *, color: bool) -> None:
        # In a pipe nothing is folded: one value is one line.
        width = None if out.isatty() else 100_000
        self._out = _Console(file=out, no_color=not color, highlight=False, width=width)
        self._talk = _Console(file=talk, no_color=not color, highlight=False)
        self._rooms: list[Room] = []

    def show(self, value: Result) -> None:
        """Draw one result; rooms wait for the others, to stand in one table."""
        match value:
            case Room():
                self._rooms.append(value)
            case Ready():
                self.note(f"Watching {value.room or value.group}. Ctrl-C ends it.")
            case _:
                drawn = view(value)
                self._out.print(drawn, soft_wrap=isinstance(drawn, Text))
                self._out.file.flush()

    def error(self, message: str) -> None:
        """Say in one line what went wrong."""
        self._talk.print(Text(visible(message), style="bold red"), soft_wrap=True)

    def note(self, message: str) -> None:
        """Say what a person may want to know."""
        self._talk.print(Text(visible(message), style="dim"), soft_wrap=True)

    def close(self) -> None:
        """Draw what waits."""
        if self._rooms:
            self._out.print(listing(self._rooms))
            self._rooms = []
        self._out.file.flush()
