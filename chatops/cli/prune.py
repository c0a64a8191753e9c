"""The verb `prune`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import SameCodec, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    Capability.PRUNE,
    examples="chatops prune\nchatops prune 'support-*' --yes\nchatops prune --json | jq .channel",
)
def prune(
    session: "Session",
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="Glob over room names.")] = "*",
    *,
    same_codec: SameCodec = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only the plan is shown.")] = False,
) -> None:
    """Remove what dead processes left behind: members of groups, and copies of messages.

    Shows what would go and why; changes nothing without --yes. The living, and what does not
    answer but may only be stopped, is left alone.
    """
    # Here, because --help must not pay for it.
    from chatops.operations import prune as operation  # noqa: PLC0415

    session.vouched = same_codec
    session.act(operation.prune(session.layer, session.rooms, pattern, do=yes))
