"""One message for one queue of a core layer: what the process hands to all these channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from chatops.layers.spelling import TAP

_MOST = 1000
"""Channels that one message is for, at the most."""


class Fate(Enum):
    """What became of a parcel."""

    TAKEN = "in the queue"
    DROPPED = "the queue stayed full"
    FAILED = "surely not in the queue"
    UNSURE = "nobody knows"


@dataclass(slots=True, kw_only=True, eq=False)
class Parcel:
    """An event for a queue, and each of its channels once.

    `places` are where in the batch the groups are that it is for.
    """

    queue: str
    event: Mapping[str, Any]
    channels: dict[str, None] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    payload: bytes = b""
    fate: Fate | None = None
    why: str = ""

    @property
    def is_tap(self) -> bool:
        """Tell whether nobody but a tap gets it."""
        return self.queue.startswith(TAP)

    def end(self, fate: Fate, why: str = "") -> None:
        """Say what became of it; the first word counts."""
        if self.fate is None:
            self.fate, self.why = fate, why


class Parcels:
    """Puts what is for the same process into one parcel, as `group_send` does within a group.

    Across groups this holds only for neighbours: what one channel gets keeps its order.
    """

    def __init__(self) -> None:
        self.all: list[Parcel] = []
        self._last: dict[str, Parcel] = {}

    def add(self, place: int, event: Mapping[str, Any], names: list[str]) -> None:
        """Add what the members of one group are to get."""
        for name in names:
            process, mark, _ = name.partition("!")
            parcel = self._last.get(queue := process + mark)
            if not (
                parcel
                and parcel.event is event
                and name not in parcel.channels  # its own queue is short, too
                and len(parcel.channels) < _MOST
            ):
                parcel = self._last[queue] = Parcel(queue=queue, event=event)
                self.all.append(parcel)
            parcel.channels[name] = None
            if not parcel.places or parcel.places[-1] != place:
                parcel.places.append(place)
