"""Send as synchronous code does."""

from typing import Any

from chatops.errors import LayerAway, LayerRefused
from chatops.layers.base import LayerAdapter


def send_as_views_do(layer: LayerAdapter, group: str, event: dict[str, Any]) -> str | None:
    """Send to a group by `async_to_sync`, in a thread that has no event loop.

    Returns what was raised, `None` where nothing was; what the server refuses is raised: it would
    refuse it elsewhere too.
    """
    from asgiref.sync import async_to_sync  # noqa: PLC0415 - what Django brings is not for --help

    try:
        async_to_sync(layer.group_send)(group, event)
    except LayerRefused:
        raise
    except LayerAway as error:
        return str(error)
    return None
