"""The verb `members`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, SameCodec, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="chatops members lobby\nchatops members chat_lobby --group --json",
)
def members(
    session: "Session",
    room: Annotated[str, typer.Argument(metavar="ROOM", help="Room to look into.")],
    *,
    group: Group = False,
    same_codec: SameCodec = False,
) -> None:
    """List who is in a room: each member, its process, since when, and whether it is alive.

    Where CHATOPS["ROSTER"] names the project's own roster, the people too.
    """
    # Here, because --help must not pay for it.
    from chatops.operations.members import list_members  # noqa: PLC0415
    from chatops.project.rooms import target  # noqa: PLC0415
    from chatops.project.roster import roster  # noqa: PLC0415

    session.vouched = same_codec
    session.watch(
        list_members(
            session.layer,
            target(session.rooms, room, is_group=group),
            roster(session.conf),
        ),
        empty=f"Nobody is in {room!r}.",
    )
