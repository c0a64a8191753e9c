"""The queues of one server of a core layer, filled as far as they take something."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from redis.exceptions import ResponseError

from chatops.layers.bare import packed
from chatops.layers.sending.parcel import Fate, Parcel
from chatops.layers.sending.script import PUT, did_nothing
from chatops.layers.sending.wire import Said, Wire
from chatops.layers.spelling import queue_key

if TYPE_CHECKING:
    from chatops.errors import ChatopsError
    from chatops.layers.redis import RedisAdapter

PATIENCE = 5.0
"""Seconds without a free place in a queue, after which its process counts as stuck."""

_PAUSE = 0.01
_WINDOW = 100
_BYTES = 1 << 20
"""What one call of the script carries, about: the server serves nobody else meanwhile."""


@dataclass(slots=True, eq=False)
class Queue:
    """What is to go into one queue, in order; how much is offered at once; if it ever moves."""

    name: str
    capacity: int
    is_tap: bool
    parcels: deque[Parcel] = field(default_factory=deque)
    since: float = 0.0
    window: int = _WINDOW
    is_stuck: bool = False

    def took(self, count: int, offered: int) -> None:
        """Learn how many went in: offer more where all did, and few where it is full."""
        for _ in range(count):
            self.parcels.popleft().end(Fate.TAKEN)
        if count:
            self.since, self.is_stuck = time.monotonic(), False
        self.window = min(_WINDOW, 4 * self.window) if count == offered else max(1, count)


class Lane:
    """One server. Whoever sends drives it, a call after the other, for all who send."""

    def __init__(self, adapter: "RedisAdapter", wire: Wire, told: Callable[[str], None]) -> None:
        self.away: ChatopsError | None = None
        self._adapter = adapter
        self._wire = wire
        self._told = told
        self._told_of: set[str] = set()
        self._queues: dict[str, Queue] = {}
        self._clock = 0  # microseconds
        self._turn = asyncio.Lock()

    async def send(self, parcels: Sequence[Parcel]) -> None:
        """Return when it is known of each parcel what became of it."""
        for parcel in parcels:
            self._queue(parcel).parcels.append(parcel)
        open_ = list(parcels)
        try:
            while open_ := [each for each in open_ if each.fate is None]:
                async with self._turn:
                    moved = open_[0].fate is not None or await self._move()
                if not moved:
                    await asyncio.sleep(_PAUSE)
        finally:
            self._end(open_, Fate.UNSURE, "stopped in the middle")

    def _queue(self, parcel: Parcel) -> Queue:
        if parcel.queue not in self._queues:
            capacity = int(self._adapter.layer.get_capacity(next(iter(parcel.channels))))
            self._queues[parcel.queue] = Queue(parcel.queue, capacity, parcel.is_tap)
        queue = self._queues[parcel.queue]
        if not queue.parcels:
            queue.since = time.monotonic()
        return queue

    async def _move(self) -> bool:
        """Call the script once; tells whether anything came of it."""
        offers = list(self._offers())
        offered = [parcel for _, some in offers for parcel in some]
        said = Said(begun=True)
        try:
            said = await self._wire.ask([self._call(offers)], 1)
        finally:
            if not said.answers:
                fate = Fate.UNSURE if said.begun else Fate.FAILED
                self._end(offered, fate, said.away.told if said.away else "stopped in the middle")
        if said.away:
            self.away = said.away
            waiting = [each for queue in self._queues.values() for each in queue.parcels]
            self._end(waiting, Fate.FAILED, said.away.told)
            return True
        self.away = None
        if isinstance(said.answers[0], ResponseError):
            fate = Fate.FAILED if did_nothing(said.answers[0]) else Fate.UNSURE
            self._end(offered, fate, self._adapter.refusal(said.answers[0]))
            return True
        taken = list(zip(offers, said.answers[0], strict=True))
        moved = [self._learn(queue, len(some), count) for (queue, some), count in taken]
        self._tell([queue for (queue, some), count in taken if count < len(some) and queue.parcels])
        return any(moved)

    def _offers(self) -> Iterator[tuple[Queue, Sequence[Parcel]]]:
        """Choose what fits into one call; next time, the others come first."""
        size = 0
        for queue in list(self._queues.values()):
            some = []
            for parcel in islice(queue.parcels, queue.window):
                if size < _BYTES:
                    some.append(parcel)
                    size += len(parcel.payload)
            if some:
                self._queues[queue.name] = self._queues.pop(queue.name)
                yield queue, some

    def _call(self, offers: Sequence[tuple[Queue, Sequence[Parcel]]]) -> bytes:
        layer = self._adapter.layer
        keys = [queue_key(layer, queue.name).encode() for queue, _ in offers]
        expiry = int(layer.expiry)
        given = [b"%d" % expiry, b"%d" % (int(time.time()) - expiry)]
        for queue, some in offers:
            given += [b"%d" % queue.capacity, b"%d" % len(some)]
            for parcel in some:
                given += [self._now(), parcel.payload]
        return packed(b"EVAL", PUT, b"%d" % len(keys), *keys, *given)

    def _now(self) -> bytes:
        """Return a time after all before it: by it the messages in a queue are ordered."""
        self._clock = max(int(time.time() * 1e6), self._clock + 1)
        return b"%d.%06d" % divmod(self._clock, 10**6)

    def _learn(self, queue: Queue, offered: int, taken: int) -> bool:
        queue.took(taken, offered)
        if taken == offered:
            return True
        if queue.is_tap or queue.is_stuck or time.monotonic() - queue.since > PATIENCE:
            queue.is_stuck = True
            self._end(list(queue.parcels), Fate.DROPPED)
            return True
        return taken > 0

    def _tell(self, full: Sequence[Queue]) -> None:
        """Say for whom we wait, once for each process."""
        new = [queue for queue in full if queue.name not in self._told_of]
        self._told_of |= {queue.name for queue in new}
        if new:
            whose = (
                "1 process: its queue is"
                if len(new) == 1
                else f"{len(new)} processes: their queues are"
            )
            self._told(f"waiting for {whose} full ({new[0].capacity} of {new[0].capacity})")

    def _end(self, parcels: Sequence[Parcel], fate: Fate, why: str = "") -> None:
        """Say what became of them, and take them out of their queues."""
        for parcel in parcels:
            parcel.end(fate, why)
        for name in {parcel.queue for parcel in parcels}:
            queue = self._queues[name]
            queue.parcels = deque(each for each in queue.parcels if each.fate is None)
