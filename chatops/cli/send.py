"""The verb `send`."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.event import event
from chatops.cli.options import verb
from chatops.model.capability import Capability

if TYPE_CHECKING:
    from chatops.cli.session import Session


@verb(
    Capability.CROSS_PROCESS,
    examples="""chatops send test_channel '{"type": "hello"}'\n"""
    "chatops send thumbnails-generate @event.json\n"
    """echo '{"type": "hello"}' | chatops send test_channel -""",
)
def send(
    session: "Session",
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Channel to send to.")],
    json_: Annotated[
        str,
        typer.Argument(metavar="JSON", help="An event; @FILE, or - for stdin, reads it there."),
    ],
) -> None:
    """Send one event to a channel, as a shell session does with the layer itself.

    That it was sent does not say that anybody receives it: a layer cannot know. Refuses an
    event that would not arrive as it is, and says so where the channel's queue is full. On a
    consumer's own channel, a type that it does not handle closes its socket.
    """
    # Here, because --help must not pay for it.
    from chatops.operations.send import send as operation  # noqa: PLC0415

    session.act(operation(session.layer, channel, event(json_)))
