"""The verb `broadcast`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, SameCodec, duration, verb
from chatops.cli.rate import rate
from chatops.model.capability import Capability
from chatops.model.event import Level

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples='chatops broadcast lobby "Back in 5 minutes"\n'
    'chatops broadcast lobby support "Back again" --level warning --from Operations\n'
    "chatops broadcast 'support-*' --except support-vip \"Closing at six\" --dry-run\n"
    "chatops broadcast '*' \"Closing now\" --yes --resume closing.jsonl\n"
    "tail -f events.log | chatops broadcast ops --lines",
)
def broadcast(  # noqa: PLR0913 - each is one option
    session: "Session",
    rooms: Annotated[
        list[str] | None,
        typer.Argument(metavar="ROOM", help="Rooms to reach; a glob such as 'support-*' is many."),
    ] = None,
    message: Annotated[
        str | None, typer.Argument(metavar="MESSAGE", help="What to say; - reads it from stdin.")
    ] = None,
    *,
    group: Group = False,
    rooms_from: Annotated[
        str | None,
        typer.Option("--rooms-from", metavar="FILE", help="Rooms, one a line; - for stdin."),
    ] = None,
    but: Annotated[
        list[str] | None, typer.Option("--except", metavar="GLOB", help="Rooms to leave out.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    level: Annotated[Level | None, typer.Option("--level", help="How much it matters.")] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Who says so.")
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option("--type", help="Type of the event, instead of the project's; --url needs it."),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option("--event", metavar="JSON", help="The whole event, or @FILE; no MESSAGE."),
    ] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Each line of stdin is a message; no MESSAGE.")
    ] = False,
    per_second: Annotated[
        float | None,
        typer.Option("--rate", parser=rate, metavar="RATE", help="At the most: 500/s, 100/m."),
    ] = None,
    ack: Annotated[
        float | None,
        typer.Option(
            "--ack",
            parser=duration,
            metavar="TIME",
            help="Wait for consumers to say that they wrote it.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent to whom, and send nothing.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", metavar="FILE", help="Write down what is done, and go on from there."
        ),
    ] = None,
    force: Annotated[
        list[str] | None,
        typer.Option(
            "--force",
            metavar="CHECK",
            help="Do without: handlers or codec (sockets in the rooms may close), size (the server "
            "may refuse it), control (terminals may obey it).",
        ),
    ] = None,
    same_codec: SameCodec = False,
) -> None:
    """Send a system message into rooms, and say whom it reached.

    Refuses a type that not every consumer in a room handles, and an event that would not arrive
    as it is: nothing is sent then. Several rooms by glob are asked about first. An empty room is
    a failure.
    """
    # Here, because --help must not pay for it.
    from chatops.cli.broadcasting import Asked, broadcasting  # noqa: PLC0415
    from chatops.cli.said import Said  # noqa: PLC0415

    said = Said(
        words=[*(rooms or ()), *([] if message is None else [message])],
        rooms_from=rooms_from,
        but=but or (),
        is_group=group,
        is_lines=lines,
        level=level,
        sender=sender,
        type=type_,
        event=event,
    )
    asked = Asked(
        yes=yes,
        rate=per_second,
        dry_run=dry_run,
        resume=resume,
        force=force or (),
        ack=ack,
        same_codec=same_codec,
    )
    session.act(broadcasting(session, said, asked))
