"""The verb `receive`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import duration, verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="chatops receive test_channel\n"
    "chatops receive test_channel -n 10 --for 1m --json | jq .body",
)
def receive(
    session: "Session",
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Channel to receive on.")],
    *,
    count: Annotated[int, typer.Option("-n", min=1, help="End after so many.")] = 1,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--for", parser=duration, metavar="DURATION", help="End after so long: 10s, 2m."
        ),
    ] = None,
) -> None:
    """Receive what is sent to a channel, as a shell session does with the layer itself.

    Where the layer has queues (core), what is received is TAKEN AWAY from whoever else
    receives on that channel. On pubsub nothing is taken, and only what is sent from now on
    is heard. A channel with a ! in its name belongs to one process: on core it is refused.
    """
    # Here, because --help must not pay for it.
    from chatops.operations.receive import receive as operation  # noqa: PLC0415

    session.watch(operation(session.layer, channel, count=count, seconds=seconds))
