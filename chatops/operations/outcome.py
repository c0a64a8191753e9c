"""What became of one group of a batch that was sent."""

from typing import NamedTuple

from chatops.model.broadcast import Sent
from chatops.model.deliveries import Deliveries
from chatops.model.room import Reach

_NOBODY = "nobody is in it"
_GHOSTS = "nobody is in it but ghosts: members of processes that are gone"


class Outcome(NamedTuple):
    """How it ended, whom it reached, ghosts among them, how many queues dropped it, and why."""

    status: Sent
    reach: Reach | None = None
    ghosts: int = 0
    dropped: int = 0
    reason: str | None = None


class Outcomes:
    """The outcomes of one batch, by position; many of them are the same."""

    def __init__(self, done: Deliveries) -> None:
        self._done = done
        self._is_plain = not (done.failed or done.unsure or done.dropped or done.ghosts)
        self._alike: dict[int | None, Outcome] = {}

    def __getitem__(self, position: int) -> Outcome:
        count = self._done.reach[position]
        if self._is_plain and count in self._alike:
            return self._alike[count]
        self._alike[count] = found = self._found(position, count)
        return found

    def _found(self, position: int, count: int | None) -> Outcome:
        done = self._done
        reach = None if count is None or done.unit is None else Reach(count=count, unit=done.unit)
        ghosts, dropped = done.ghosts.get(position, 0), done.dropped.get(position, 0)
        status, reason = Sent.SENT, None
        if position in done.failed:
            status, reason = Sent.FAILED, done.failed[position]
        elif position in done.unsure:
            status, reason = Sent.UNSURE, done.unsure[position]
        elif dropped:
            queues = "1 full queue" if dropped == 1 else f"{dropped} full queues"
            status, reason = Sent.DROPPED, f"{queues} dropped it"
        elif done.is_empty(position):
            status, reason = Sent.EMPTY, _GHOSTS if ghosts else _NOBODY
        return Outcome(status, reach, ghosts, dropped, reason)
