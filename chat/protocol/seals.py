"""What shows that an event was meant for its room by this chat.

A recording can be replayed into another room, or on another site, where its numbers mean nothing.
Whoever may read the broker can copy a seal: it is no proof against those who forge on purpose.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.crypto import salted_hmac

SEAL = "seal"


@lru_cache(maxsize=10_000)
def seal(room: str) -> str:
    """Return what is in all events that this chat sends to a room."""
    return salted_hmac("chat.protocol.seals", room, algorithm="sha256").hexdigest()[:16]


def sealed(room: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event with the seal of its room."""
    return {**event, SEAL: seal(room)}


def is_sealed(room: str, event: Mapping[str, Any]) -> bool:
    """Tell whether this chat sent an event to this room."""
    return event.get(SEAL) == seal(room)
