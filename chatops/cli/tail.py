"""The verb `tail`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, duration, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="chatops tail lobby\nchatops tail lobby --json | jq .body\n"
    "chatops tail lobby -n 1 --for 10s",
)
def tail(
    session: "Session",
    room: Annotated[str, typer.Argument(metavar="ROOM", help="Room to watch.")],
    *,
    group: Group = False,
    count: Annotated[int | None, typer.Option("-n", min=1, help="End after so many.")] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for", parser=duration, metavar="DURATION", help="End after so long: 10s, 2m."
        ),
    ] = None,
) -> None:
    """Show each message of a room as it happens, until Ctrl-C.

    Nobody in the room notices, and nothing stays behind. A time in which messages may have
    been missed is shown as a gap.
    """
    # Here, because --help must not pay for it.
    from chatops.operations import tail as operation  # noqa: PLC0415
    from chatops.project.rooms import target  # noqa: PLC0415

    session.watch(
        operation.tail(
            session.layer,
            target(session.rooms, room, is_group=group),
            count=count,
            seconds=seconds,
        )
    )
