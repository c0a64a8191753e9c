"""What became of an event that was sent to many groups at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chatops.model.room import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """One batch of groups; what is by position follows their order.

    `reach` is whom each would reach when it was sent, in `unit`, taps left out; `None` where
    nobody can know. `ghosts` counts those of them whose process is gone, as far as somebody
    looked. `members` are the channels that it was sent to, taps too, where the layer tells them.
    `dropped` counts the queues that stayed full. `failed` says why nothing went out,
    `unsure` why nobody knows whether it did: the server went away in between.
    """

    unit: Unit | None
    reach: Sequence[int | None]
    members: Mapping[int, Sequence[str]] = field(default_factory=dict)
    dropped: Mapping[int, int] = field(default_factory=dict)
    failed: Mapping[int, str] = field(default_factory=dict)
    unsure: Mapping[int, str] = field(default_factory=dict)
    ghosts: Mapping[int, int] = field(default_factory=dict)

    def is_empty(self, position: int) -> bool:
        """Tell whether nobody was there, or nobody but ghosts."""
        return self.reach[position] == self.ghosts.get(position, 0)
