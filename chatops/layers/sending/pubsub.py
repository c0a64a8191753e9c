"""Send to many groups of a pubsub layer: one PUBLISH each, in one pipeline a server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from channels_redis.utils import _consistent_hash
from redis.exceptions import ResponseError

from chatops.layers.bare import packed
from chatops.layers.opened import UNSERIALIZABLE
from chatops.layers.sending.breath import SOME, Breath
from chatops.layers.sending.each import Event, Sending
from chatops.layers.sending.publishing import publish, tail
from chatops.layers.sending.wire import Said, Wire
from chatops.layers.spelling import group_channel
from chatops.model.deliveries import Deliveries
from chatops.model.room import Unit

if TYPE_CHECKING:
    from chatops.errors import ChatopsError
    from chatops.layers.pubsub import PubSubAdapter

T = TypeVar("T")


@asynccontextmanager
async def publishing(
    adapter: "PubSubAdapter", told: Callable[[str], None]
) -> AsyncIterator[Sending]:
    """Hold a connection to each server, opened when it is needed, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        hosts = [_Host(Wire(adapter, index), told) for index in range(len(adapter.hosts))]
        for host in hosts:
            stack.push_async_callback(host.wire.close)

        async def send(groups: Sequence[str], event: Event | Sequence[Event]) -> Deliveries:
            return await _Batch(adapter, groups).send(hosts, event)

        yield send


class _Host:
    """One server, and whether it knows of all subscribers."""

    def __init__(self, wire: Wire, told: Callable[[str], None]) -> None:
        self.wire = wire
        self.breath = Breath(wire, told)
        self._is_alone: bool | None = None

    async def counts(self, said: Said, start: str, groups: Sequence[str]) -> Sequence[int | None]:
        """Count who subscribes to each: whom PUBLISH reached, where nobody watches by pattern."""
        before, *reached, after = said.answers
        if not await self._counts_all():
            return [None] * len(groups)
        if before == after == 0:
            return [count if isinstance(count, int) else None for count in reached]
        names = [f"{start}{group}".encode() for group in groups]
        told = await self._asked(packed(b"PUBSUB", b"NUMSUB", *names))
        return told[1::2] or [None] * len(groups)

    async def _counts_all(self) -> bool:
        """Tell whether this server is on its own; each node of a cluster has its own clients."""
        if self._is_alone is None:
            self._is_alone = b"cluster" not in await self._asked(packed(b"HELLO"))
        return self._is_alone

    async def _asked(self, command: bytes) -> list[Any]:
        """Return a list that the server answers; an empty one where it does not."""
        answers = (await self.wire.ask([command], 1)).answers
        return answers[0] if answers and isinstance(answers[0], list) else []


class _Batch:
    """What became of one batch."""

    def __init__(self, adapter: "PubSubAdapter", groups: Sequence[str]) -> None:
        self._adapter = adapter
        self._groups = groups
        self._start = group_channel(str(adapter.layer.prefix), "")
        self._reach: list[int | None] = [None] * len(groups)
        self._failed: dict[int, str] = {}
        self._unsure: dict[int, str] = {}
        self._away: list[ChatopsError] = []

    async def send(self, hosts: Sequence[_Host], event: Event | Sequence[Event]) -> Deliveries:
        """Publish on all hosts at once; raises `LayerAway` where nothing went out."""
        tails = self._tails(event)
        homes = enumerate(hosts)
        await asyncio.gather(
            *(self._breathe(host, self._places(index, len(hosts)), tails) for index, host in homes)
        )
        if self._away and len(self._failed) == len(self._groups):
            raise self._away[0]
        return Deliveries(
            unit=Unit.PROCESSES, reach=self._reach, failed=self._failed, unsure=self._unsure
        )

    def _tails(self, event: Event | Sequence[Event]) -> Sequence[Any]:
        """Serialize each event once; where one cannot be, its groups have failed."""
        events = [event] if isinstance(event, Mapping) else event
        distinct = {id(each): each for each in events}
        known = {key: self._tail(each) for key, each in distinct.items()}
        tails = [known[id(each)] for each in events]
        if isinstance(event, Mapping):
            tails *= len(self._groups)
        if not all(isinstance(each, bytes) for each in known.values()):
            self._failed = {at: each for at, each in enumerate(tails) if isinstance(each, str)}
        return tails

    def _tail(self, event: Event) -> bytes | str:
        try:
            return tail(self._adapter.layer.serialize(dict(event)))
        except UNSERIALIZABLE as error:
            return f"{type(error).__name__}: {error}"

    def _places(self, index: int, hosts: int) -> Sequence[int]:
        """Return where the groups are that a host carries, of those that can be sent to."""
        every = range(len(self._groups))
        if hosts == 1 and not self._failed:
            return every
        home = [_consistent_hash(f"{self._start}{group}", hosts) for group in self._groups]
        return [at for at in every if home[at] == index and at not in self._failed]

    async def _breathe(self, host: _Host, places: Sequence[int], tails: Sequence[Any]) -> None:
        """Publish some after the other, as far as the slowest subscriber can take it."""
        largest = max(map(len, tails), default=1)
        many = max(1, SOME // largest)
        for start in range(0, len(places), many):
            await self._publish(host, places[start : start + many], tails)
            await host.breath.take(largest * min(many, len(places)))

    async def _publish(self, host: _Host, places: Sequence[int], tails: Sequence[Any]) -> None:
        groups, tails = picked(self._groups, places), picked(tails, places)
        if not groups:
            return
        said = await host.wire.ask(publish(self._start, groups, tails), len(groups) + 2)
        answers = said.answers[1 : len(groups) + 1]
        if not {int}.issuperset(map(type, answers)):
            for at, answer in zip(places, answers, strict=False):
                if isinstance(answer, ResponseError):
                    self._failed[at] = self._adapter.refusal(answer)
        if said.away is None:
            counts = await host.counts(said, self._start, groups)
            for at, count in zip(places, counts, strict=True):
                self._reach[at] = count
            return
        self._away.append(said.away)
        rest = dict.fromkeys(places[len(answers) :], said.away.told)
        (self._unsure if said.begun else self._failed).update(rest)


def picked(values: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    """Return the values in these places, which are in order."""
    return values if len(places) == len(values) else [values[at] for at in places]
