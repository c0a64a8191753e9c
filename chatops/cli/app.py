"""All verbs together."""

import logging
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

import typer

from chatops import __version__
from chatops.cli import broadcast, check, rooms, tail
from chatops.cli.streams import silence, streams
from chatops.errors import Exit

# Typer has moved Click into itself; its errors are reached by what both have exported.
ClickError: type[Any] = typer.BadParameter.__mro__[2]


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatops {__version__}")
        raise typer.Exit


def chatops(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        callback=lambda value: _version(wanted=value),
        is_eager=True,
        help="Show the version and exit.",
    ),
) -> None:
    """Smoke-test a Django channel layer, broadcast into rooms, watch live traffic."""


app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help must not load Rich
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(chatops)
for verb in (check.check, tail.tail, rooms.rooms, broadcast.broadcast):
    app.command(epilog=f"\b\nExamples:\n{textwrap.indent(verb.examples, '  ')}")(verb)


def run(argv: Sequence[str], prog: str = "chatops") -> int:
    """Run one command and return its exit code; what was typed wrongly is one line."""
    _, talk = streams()
    try:
        code = app(args=list(argv), prog_name=prog, standalone_mode=False)
    except ClickError as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else prog
        # Without a verb, the message is the help.
        hint = f"{where}: {error.format_message()} (see {where} --help)"
        typer.echo(hint if argv else error.format_message(), file=talk)
        return Exit.USAGE
    except typer.Abort:
        return Exit.INTERRUPTED
    return int(code or Exit.DONE)


def main(argv: Sequence[str], prog: str = "chatops") -> int:
    """Be a whole process: what `run` does, and what only a process may do to itself."""
    # What libraries log is theirs; without this, Python prints it over our output.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        code = run(argv, prog)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the latter is how Typer says the former
        silence()
        return Exit.DONE
    return code
