"""All verbs together."""

import contextlib
import errno
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from chatops import __version__
from chatops.cli import collector
from chatops.cli.streams import let_go, silence, streams
from chatops.cli.verbs import EXITS, FOUND, Verbs
from chatops.errors import Exit

# Typer has moved Click into itself; its errors are reached by what both have exported.
ClickError: type[Any] = typer.BadParameter.__mro__[2]

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What a disk says that takes no more."""


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatops {__version__}", file=streams()[0])
        raise typer.Exit


def chatops(
    context: typer.Context,
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
    del version  # its callback has had it
    if context.obj is not None:
        context.obj()


app = typer.Typer(
    cls=Verbs,
    add_completion=True,
    no_args_is_help=True,
    epilog=f"{FOUND}\n\n{EXITS}",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help must not load Rich
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(chatops)


def options() -> dict[str, str]:
    """Return each option of every verb by the name that `call_command` has for it."""
    verbs = typer.main.get_command(app).commands.values()  # type: ignore[attr-defined] # a group
    words = [word for verb in verbs for param in verb.params for word in param.opts]
    return {word.strip("-").replace("-", "_"): word for word in words if word.startswith("-")}


def run(
    argv: Sequence[str], prog: str = "chatops", before: Callable[[], None] | None = None
) -> int:
    """Run one command and return its exit code; what was typed wrongly is one line.

    `before` is called once it is known that a verb is meant, and not only help.
    """
    if argv[:1] == ["help"]:
        argv = [*argv[1:2], "--help"]
    try:
        code = app(args=list(argv), prog_name=prog, standalone_mode=False, obj=before)
    except ClickError as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else prog
        # Without a verb, the message is the help.
        hint = f"{where}: {error.format_message()} (see {where} --help)"
        if any(word.startswith("-") and " " in word for word in argv) and "option" in hint:
            hint += " A text that begins with - needs -- before it."
        if argv:
            from chatops.cli.mistyped import mistyped  # noqa: PLC0415 - --help is without

            return mistyped(argv, hint)
        typer.echo(error.format_message(), file=streams()[1])
        return Exit.USAGE
    except typer.Abort:
        return Exit.INTERRUPTED
    return int(code or Exit.DONE)


def main(argv: Sequence[str], prog: str = "chatops") -> int:
    """Be a whole process: what `run` does, and what only a process may do to itself."""
    code: int = Exit.DONE
    try:
        code = run(argv, prog, _quiet)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the latter is how Typer says the former
        silence()
        return Exit.DONE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        with contextlib.suppress(OSError):
            typer.echo(f"The output cannot be written: {error}", file=streams()[1])
        code = code or Exit.NO
    finally:
        collector.leave()
    let_go()
    return code


def _quiet() -> None:
    """Leave to libraries what they log: without this, Python prints it over our output."""
    import logging  # noqa: PLC0415 - --help must not pay for it

    logging.getLogger().addHandler(logging.NullHandler())
