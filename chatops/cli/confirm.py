"""Ask a person before many rooms are sent to."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import typer

from chatops.cli import stdin
from chatops.cli.streams import streams
from chatops.errors import BadValue, Refused
from chatops.model.room import Unit
from chatops.model.target import Found
from chatops.rendering.visible import visible


def confirmed(*, yes: bool, is_group: bool) -> Callable[[int, Found], Awaitable[None]]:
    """Return what asks where globs found more than one room; `yes` is the answer already.

    Raises `BadValue` where nobody is there to ask, and `Refused` for a no.
    """
    what = "groups" if is_group else "rooms"

    async def agree(count: int, found: Found) -> None:
        if yes or found.count <= 1:
            return
        told = f"{count} {what} ({_these(found)}; {_reach(found)})"
        if not _is_watched():
            raise BadValue(f"This would be sent to {told}: --yes does it.")
        typer.echo(f"Send to {told}? [y/N] ", nl=False, file=streams()[1])
        try:
            answer = await anext(stdin.lines(), "")
        except asyncio.CancelledError:
            typer.echo("\nNothing was sent.", file=streams()[1])
            raise
        if answer.strip().lower() not in {"y", "yes"}:
            raise Refused("Nothing was sent.")

    return agree


def _these(found: Found) -> str:
    first = ", ".join(map(visible, found.first))
    more = found.count - len(found.first)
    return f"{first} and {more} more by glob" if more else first


def _reach(found: Found) -> str:
    if found.unit is Unit.PROCESSES:
        most = "1 process" if found.most == 1 else f"up to {found.most} processes"
        return f"{most} each"
    return "1 member" if found.reach == 1 else f"{found.reach} members"


def _is_watched() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and streams()[1].isatty()
