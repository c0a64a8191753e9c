"""The verb `broadcast`."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples='chatops broadcast lobby "Back in 5 minutes"\n'
    'chatops broadcast lobby support "Back again" --json',
)
def broadcast(
    session: "Session",
    rooms: Annotated[list[str], typer.Argument(metavar="ROOM", help="Rooms to reach.")],
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="What to say.")],
    *,
    group: Group = False,
    type_: Annotated[
        str | None, typer.Option("--type", help="Type of the event, instead of the project's.")
    ] = None,
) -> None:
    """Send a system message into rooms, and say whom it reached.

    Refuses a type that no consumer handles, and an event that would not arrive as it is.
    An empty room is a failure.
    """
    # Here, because --help must not pay for it.
    from chatops.operations import broadcast as operation  # noqa: PLC0415
    from chatops.project.event import broadcast_event  # noqa: PLC0415
    from chatops.project.handlers import consumers  # noqa: PLC0415
    from chatops.project.rooms import target  # noqa: PLC0415

    session.act(
        operation.broadcast(
            session.layer,
            [target(session.rooms, room, is_group=group) for room in rooms],
            partial(broadcast_event, session.conf, message, type=type_),
            consumers(),
        )
    )
