"""How a command ends: one line for what went wrong, and the one exit code."""

import contextlib
from collections.abc import Callable, Iterable
from typing import NoReturn

import typer

from chatops.cli.output import Output
from chatops.cli.streams import silence, streams
from chatops.errors import ChatopsError, Exit, Unwritable
from chatops.model.message import Shown
from chatops.model.result import Result
from chatops.rendering.screen import Format, Screen, open_screen


def end(screen: Screen, output: Output, work: Callable[[], Exit]) -> NoReturn:
    """Do the work, and end with what it means to the shell, in the screen's format."""
    try:
        output.require()
        code = work()
    except BrokenPipeError:  # nobody reads any more, which is a good end
        silence()
        code = Exit.DONE
    except ChatopsError as error:
        with contextlib.suppress(OSError):  # where nobody can be told, the exit code tells
            screen.error(error.told, error.exit)
        code = error.exit
    raise typer.Exit(_settled(screen, output, code))


def show(screen: Screen, value: Shown) -> None:
    """Show one result; raises `Unwritable`, and `BrokenPipeError` where the reader has left."""
    try:
        screen.show(value)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise BrokenPipeError from error
    except OSError as error:
        raise Unwritable(f"The output cannot be written: {error}") from error


def tell(values: Callable[[], Iterable[Result]], *, json: bool, no_color: bool) -> NoReturn:
    """Show what needs no layer, and end."""
    out, talk = streams()
    form = Format.JSON if json else Format.TABLE
    screen = open_screen(out, talk, form=form, color=not no_color)

    def work() -> Exit:
        for value in values():
            show(screen, value)
        return Exit.DONE

    end(screen, Output(None, out), work)


def _settled(screen: Screen, output: Output, code: Exit) -> int:
    try:
        result = screen.finish(code)
        if code is not Exit.INTERRUPTED:  # what is there already tells more
            output.settle()
    except BrokenPipeError:
        silence()
        return code
    except (OSError, Unwritable) as error:
        told = error if isinstance(error, Unwritable) else f"The output cannot be written: {error}"
        with contextlib.suppress(OSError):
            typer.echo(str(told), file=streams()[1])
        return screen.lost(code)
    return result
