"""The verb `rooms`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    Capability.LIST_GROUPS,
    examples="chatops rooms\nchatops rooms 'support-*' --json",
)
def rooms(
    session: "Session",
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="Glob over room names.")] = "*",
) -> None:
    """List the rooms that someone is in.

    The count says its unit: members on the core layer, processes on the pubsub layer.
    """
    # Here, because --help must not pay for it.
    from chatops.operations.rooms import list_rooms  # noqa: PLC0415

    session.watch(
        list_rooms(session.layer, session.rooms, pattern),
        empty=f"Nobody is in a room that matches {pattern!r}.",
    )
