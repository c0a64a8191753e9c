"""The verb `tail`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, duration, verb
from chatops.cli.tailing import Grep, Line, Redact, Sample, Types, Where
from chatops.model.capability import Capability
from chatops.rendering.look import Raw

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="chatops tail lobby\nchatops tail 'support-*' vip --json | jq .body\n"
    "chatops tail '*' --type 'chat.*' --where \"level == 'error'\" --record errors.jsonl.gz\n"
    "chatops tail lobby -n 1 --for 10s --once-connected ./send-something",
)
def tail(  # noqa: PLR0913 - each is one option
    session: "Session",
    rooms: Annotated[
        list[str], typer.Argument(metavar="ROOM", help="Rooms to watch, or globs over their names.")
    ],
    *,
    group: Group = False,
    where: Where = None,
    types: Types = None,
    grep: Grep = None,
    sample: Sample = None,
    count: Annotated[int | None, typer.Option("-n", min=1, help="End after so many.")] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for", parser=duration, metavar="DURATION", help="End after so long: 10s, 2m."
        ),
    ] = None,
    idle: Annotated[
        float | None,
        typer.Option(
            "--idle", parser=duration, metavar="DURATION", help="End after so long without one."
        ),
    ] = None,
    template: Line = None,
    raw: Annotated[
        Raw | None, typer.Option("--raw", help="The bytes on the wire, instead of the event.")
    ] = None,
    relative: Annotated[
        bool, typer.Option("--relative", help="Times as seconds since the beginning.")
    ] = False,
    redact: Redact = None,
    stats: Annotated[
        float | None,
        typer.Option(
            "--stats", parser=duration, metavar="DURATION", help="Sums per room, every so often."
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Append to this file, for `replay`.")
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--once-connected", metavar="COMMAND", help="Run this once what is sent is seen."
        ),
    ] = None,
) -> None:
    """Show each message of rooms as it happens, until Ctrl-C.

    Nobody in the rooms notices, and nothing stays behind. A time in which messages may have
    been missed is shown as a gap. On a terminal, space pauses, / filters and q quits.
    """
    # Here, because --help must not pay for it.
    from chatops.cli.watching import watch  # noqa: PLC0415
    from chatops.model.choice import Choice  # noqa: PLC0415
    from chatops.model.until import Until  # noqa: PLC0415
    from chatops.project.scope import scope  # noqa: PLC0415
    from chatops.rendering.look import Look  # noqa: PLC0415

    watch(
        session,
        scope(session.rooms, rooms, is_group=group),
        Until(count=count, seconds=seconds, idle=idle),
        Choice(where=where, types=tuple(types or ()), grep=grep, sample=sample or 1),
        Look(template=template, raw=raw, relative=relative),
        redact=tuple(redact or ()),
        every=stats,
        record=record,
        command=command,
    )
