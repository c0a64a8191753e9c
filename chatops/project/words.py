"""What the project says of its rooms, of its events, and of who handles them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatops.conf import Conf
from chatops.model.event import Saying
from chatops.project.event import Wording, wording
from chatops.project.handlers import Consumer, consumers
from chatops.project.rooms import RoomNames, room_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One project's words; no `consumers` means that nobody can know which types are handled."""

    conf: Conf
    names: RoomNames
    consumers: Sequence[Consumer]

    def event(self, saying: Saying) -> Wording:
        """Return what makes the events for this."""
        return wording(self.conf, saying)


def words(conf: Conf, alias: str) -> Words:
    """Ask the project, about the consumers that hear this layer.

    Raises `BrokenProject` where its ASGI application cannot be loaded.
    """
    hearing = [each for each in consumers() if each.alias == alias]
    return Words(conf=conf, names=room_names(conf), consumers=hearing)
