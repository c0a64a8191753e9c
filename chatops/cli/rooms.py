"""The verb `rooms`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import SameCodec, duration, verb
from chatops.model.capability import Capability
from chatops.model.listing import Listing, Sort

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    Capability.LIST_GROUPS,
    examples="chatops rooms\nchatops rooms 'support-*' --json\n"
    "chatops rooms --sort backlog --limit 10 --watch 2s",
)
def rooms(  # noqa: PLR0913 - each is one option
    session: "Session",
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="Glob over room names.")] = "*",
    *,
    sort: Annotated[
        Sort | None, typer.Option("--sort", help="Names from A, the rest from the greatest.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    groups: Annotated[
        bool, typer.Option("--groups", help="List groups by their own names, as no rooms.")
    ] = False,
    same_codec: SameCodec = False,
    watch: Annotated[
        float | None,
        typer.Option("--watch", parser=duration, metavar="DURATION", help="Again and again: 2s."),
    ] = None,
) -> None:
    """List the rooms that someone is in.

    The count says its unit: members on the core layer, processes on the pubsub layer.
    """
    # Here, because --help must not pay for it.
    from chatops.operations.rooms import watch_rooms  # noqa: PLC0415

    session.vouched = same_codec
    how = Listing(sort=sort, limit=limit, raw=groups, every=watch)
    session.watch(
        watch_rooms(session.layer, session.rooms, pattern, how),
        empty=f"Nobody is in a room that matches {pattern!r}.",
    )
