"""What is made sure of before a broadcast's first byte goes out."""

from collections.abc import Sequence
from typing import Any

from chatops.errors import Refused
from chatops.layers.base import LayerAdapter
from chatops.project.handlers import Consumer, nearest


def handled(event: dict[str, Any], consumers: Sequence[Consumer]) -> None:
    """Refuse a type that no consumer handles: it would close every socket in the room."""
    kind = event["type"]
    if any(consumer.handles(kind) for consumer in consumers):
        return
    near = nearest(kind, consumers)
    raise Refused(
        f"No consumer that the ASGI application routes to handles {kind!r}, so it would close "
        f"every socket in the room. {f'Nearest: {near}. ' if near else 'They handle no event. '}"
        "Set CHATOPS['BROADCAST_EVENT'] or --type to a type that is handled."
    )


async def intact(layer: LayerAdapter, event: dict[str, Any]) -> None:
    """Refuse an event that the layer's serializer would not bring back as it was."""
    try:
        back = await layer.echo(event)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(
            f"The serializer of the channel layer {layer} cannot carry the event: {error}. "
            "Use text, numbers, true, false, none, lists and dicts with text as keys."
        ) from error
    changed = [key for key in event if key not in back or not _same(event[key], back[key])]
    if changed or len(back) != len(event):
        raise Refused(
            f"The event does not survive the serializer of the channel layer {layer}: "
            f"{', '.join(map(repr, changed)) or 'its keys'} would arrive changed."
        )


def _same(sent: Any, came: Any) -> bool:  # noqa: ANN401 - any value of an event
    """Compare as a consumer would see it: 1, 1.0 and True are not the same."""
    return type(sent) is type(came) and sent == came
