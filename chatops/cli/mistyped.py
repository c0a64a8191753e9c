"""What could not be parsed, told where the result would have stood, in the format asked for."""

import contextlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import typer

from chatops.cli.ending import end
from chatops.cli.output import Output
from chatops.cli.streams import streams
from chatops.errors import BadValue, Exit
from chatops.rendering.screen import Format, open_screen

_READ = ("--format", "--output", "--layer")

_WORDS = {
    "Input should be a valid integer, unable to parse string as an integer": "it is a whole number",
    "Input should be a valid number, unable to parse string as a number": "it is a number",
    "Input should be greater than or equal to": "it is at least",
    "Input should be less than or equal to": "it is at the most",
}
"""What the parser's own library says, and what people do."""


def mistyped(argv: Sequence[str], hint: str) -> int:
    """Say what is wrong; returns the exit code in the format that could still be read."""
    for theirs, ours in _WORDS.items():
        hint = hint.replace(theirs, ours)
    read = _read(argv)
    form = _format(argv, read.get("--format"))
    file = read.get("--output")
    out, talk = streams()
    if form is Format.TABLE and file is None:
        with contextlib.suppress(OSError):  # where nobody can be told, the exit code tells
            typer.echo(hint, file=talk)
        return Exit.USAGE
    place = Output(Path(file) if file else None, out)
    layer = read.get("--layer", "default")
    screen = open_screen(place.stream, talk, form=form, color=False, layer=layer)

    def work() -> Exit:
        raise BadValue(hint)

    try:
        end(screen, place, work)
    except typer.Exit as ended:
        return ended.exit_code


def _read(argv: Sequence[str]) -> dict[str, str]:
    """Return the options with a value that matter here, which the parser did not come to."""
    found = {}
    for word, following in pairwise([*argv, ""]):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name in _READ:
            found[name] = value if equals else following
    return found


def _format(argv: Sequence[str], named: str | None) -> Format:
    form = Format(named) if named in set(Format) else Format.TABLE
    return Format.JSON if "--json" in argv and form is not Format.NAGIOS else form
