"""An event from the command line, a file or stdin."""

from pathlib import Path
from typing import Any

from chatops.cli import stdin
from chatops.errors import BadValue
from chatops.model.event import read_event


def event(word: str) -> dict[str, Any]:
    """Read an event from JSON, from `@FILE`, or from stdin where the word is `-`."""
    if word == "-":
        return read_event(stdin.text("The event"))
    if word.startswith("@"):
        return read_event(_file(word.removeprefix("@")))
    return read_event(word)


def _file(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise BadValue(f"The event cannot be read from {name!r}: {error}") from error
