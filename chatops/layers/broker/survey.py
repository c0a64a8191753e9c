"""What was seen of a core layer's members, queues, and copies of messages in flight."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatops.layers.spelling import is_tap
from chatops.model.message import Arrival

_PROCESS = re.compile(r"[a-zA-Z0-9._-]+\.[0-9a-f]{32}!")


@dataclass(slots=True, kw_only=True)
class Survey:
    """What was seen. A process is named as its channels begin: `specific.<hex>!`.

    `members` are groups' channels with the times at which they joined, taps and our own left
    out; `queued` counts what has not expired, also of channels that no process owns;
    `unseen` says what was too much to look at.
    """

    members: dict[str, dict[str, float]] = field(default_factory=dict)
    queued: dict[str, int] = field(default_factory=dict)
    peeked: dict[str, Sequence[Arrival]] = field(default_factory=dict)
    inflight: dict[str, int] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    @property
    def owners(self) -> Sequence[str]:
        """The processes that have members, or a message in flight."""
        found = {process(channel) for group in self.members.values() for channel in group}
        return sorted(found | {each for each in self.inflight if "!" in each})

    def note(self, detail: str) -> str:
        """Add what was not looked at."""
        return "; ".join([detail, *self.unseen])


def process(channel: str) -> str:
    """Name the process that a channel belongs to."""
    return channel.partition("!")[0] + "!"


def is_member(name: str) -> bool:
    """Tell a consumer's channel from a tap's, and from what belongs to no process."""
    return bool(_PROCESS.fullmatch(process(name))) and "!" in name and not is_tap(name)
