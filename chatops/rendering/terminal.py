"""Results for people: tables and coloured lines, and plain lines in a pipe."""

from functools import cached_property
from typing import IO, TYPE_CHECKING

from chatops.errors import Exit, Unwritable
from chatops.model.broadcast import Broadcast, Summary
from chatops.model.channel import Received, Silence
from chatops.model.message import Gap, Message, Shown
from chatops.model.result import Talk
from chatops.model.waiting import Waiting
from chatops.rendering.lines import Lines, on_channel
from chatops.rendering.paint import paint_for
from chatops.rendering.sent import sent_line, summary_line
from chatops.rendering.visible import visible

if TYPE_CHECKING:
    from chatops.rendering.drawing import Drawing


class Terminal:
    """Draws on `out`; all talk goes to `talk`."""

    def __init__(self, out: IO[str], talk: IO[str], *, color: bool) -> None:
        self._out = out
        self._talk = talk
        self._color = color
        self._paint = paint_for(out, color=color)
        self._lines = Lines(self._paint)
        self._talking = paint_for(talk, color=color)

    @cached_property
    def _drawing(self) -> "Drawing":
        # Here, because who shows lines alone must not pay for Rich.
        from chatops.rendering.drawing import Drawing  # noqa: PLC0415

        return Drawing(self._out, color=self._color)

    def show(self, value: Shown) -> None:
        """Draw one result; rows of a table wait for some others, to stand below one another."""
        match value:
            case Message() | Gap():
                self._line(value)
            case Received() | Silence():
                self._line(on_channel(value))
            case Broadcast():
                self._write(sent_line(value, self._paint))
            case Summary():
                self._write(summary_line(value, self._paint))
            case Waiting() if not self._talk.isatty():
                pass
            case Talk():
                self.note(value.said)
            case _:
                self._drawing.show(value)

    def error(self, message: str, code: Exit) -> None:
        """Say in one line what went wrong."""
        del code
        self.close()
        self._say("red", message)

    def note(self, message: str) -> None:
        """Say what a person may want to know."""
        self._say("dim", message)

    def close(self) -> None:
        """Draw what waits; what comes next begins a table of its own."""
        if "_drawing" in self.__dict__:
            self._drawing.close()

    def finish(self, code: Exit) -> int:
        """Return the exit code as it is."""
        return code

    def lost(self, code: Exit) -> int:
        """Return the exit code where what was found could not be written."""
        return max(code, Unwritable.exit)

    def _line(self, value: Message | Gap) -> None:
        self._write(self._lines.lines([value]))

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def _say(self, style: str, message: str) -> None:
        self._talk.write(f"{self._talking(style, visible(message))}\n")
        self._talk.flush()
