"""The verb `expect`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import Group, duration, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="""chatops expect lobby --where "text == 'hi'"\n"""
    """chatops expect lobby --type 'chat.*' --timeout 1m --json | jq .body""",
)
def expect(  # noqa: PLR0913 - each is one option
    session: "Session",
    room: Annotated[str, typer.Argument(metavar="ROOM", help="Room to watch.")],
    *,
    group: Group = False,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="JMESPATH", help="What the event must be, type and all."),
    ] = None,
    type_: Annotated[
        str | None, typer.Option("--type", metavar="GLOB", help="Type that it must have.")
    ] = None,
    count: Annotated[int, typer.Option("-n", min=1, help="Wait for so many.")] = 1,
    seconds: Annotated[
        float,
        typer.Option("--timeout", parser=duration, metavar="DURATION", help="Wait so long."),
    ] = "5s",  # type: ignore[assignment] # read by its parser
) -> None:
    """Wait for a message, and show it; exit code 6 says that it did not come in time.

    In scripts, wait for the line on stderr that it watches before you send. Where it did not
    come, what came instead is told: how many others, and the nearest of them.
    """
    # Here, because --help must not pay for it.
    from chatops.model.expression import expression  # noqa: PLC0415
    from chatops.model.wish import Wish  # noqa: PLC0415
    from chatops.operations.expect import expect as operation  # noqa: PLC0415
    from chatops.project.rooms import target  # noqa: PLC0415

    wish = Wish(where=None if where is None else expression(where), type=type_)
    aimed = target(session.rooms, room, is_group=group)
    session.watch(operation(session.layer, aimed, wish, seconds=seconds, count=count))
