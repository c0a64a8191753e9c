"""The groups of a core layer, and who is in them."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from chatops.layers.census import (
    BATCH,
    Headcount,
    backlog,
    headcounts,
    members_of,
    moment,
    newest,
    oldest,
    text,
)
from chatops.layers.lives import Lives, Verdict
from chatops.layers.redis import RedisAdapter
from chatops.layers.scanned import scanned
from chatops.layers.spelling import escaped, group_key, is_tap
from chatops.model.member import Life, MemberState
from chatops.model.room import GroupState, Unit

Wanted = Callable[[str], bool]
"""Tells whether a group, by its name, is to be looked at."""

_NOT_ASKED = Verdict(Life.UNKNOWN, "its channel belongs to no process")

_PATIENCE = 0.5
"""Seconds for each of two questions to a process."""


class Groups:
    """Every group, in rounds: names, members, queues, and processes that were not asked yet."""

    def __init__(self, adapter: RedisAdapter, wanted: Wanted) -> None:
        self._adapter = adapter
        self._wanted = wanted
        self._layer = adapter.layer
        self._lives = Lives(adapter, _PATIENCE)

    async def all(self) -> AsyncIterator[GroupState]:
        """Yield each group that has a member, host by host, by SCAN."""
        start = group_key(self._layer, "")
        pattern = f"{escaped(start)}*"
        for index in range(len(self._adapter.hosts)):
            client = self._adapter.client(index)
            async for keys in scanned(self._adapter, client, pattern, BATCH, "zset"):
                chosen = [key for key in keys if self._wanted(text(key).removeprefix(start))]
                for state in await self._states(chosen, index):
                    yield state

    async def _states(self, keys: Sequence[bytes], index: int) -> Sequence[GroupState]:
        if not keys:
            return []
        async with self._adapter.answering():
            found = await headcounts(self._adapter.client(index), keys, oldest(self._layer))
            queues = sorted({queue for each in found for queue in each.processes})
            queued = await backlog(self._layer, queues)
        told = await self._lives.of(newest(found))
        start = group_key(self._layer, "")
        return [
            self._state(text(key).removeprefix(start), heads, queued, told)
            for key, heads in zip(keys, found, strict=True)
            if heads.members
        ]

    def _state(
        self,
        group: str,
        heads: Headcount,
        queued: Mapping[str, int],
        told: Mapping[str, Verdict],
    ) -> GroupState:
        fullest = max(
            heads.processes, key=lambda queue: queued[queue] / self._layer.get_capacity(queue)
        )
        return GroupState(
            group=group,
            count=heads.members,
            unit=Unit.MEMBERS,
            processes=len(heads.processes),
            stale=_stale(heads, told),
            backlog=queued[fullest],
            capacity=self._layer.get_capacity(fullest),
            oldest=moment(heads.oldest),
            newest=moment(heads.newest),
        )


def _stale(heads: Headcount, told: Mapping[str, Verdict]) -> int | None:
    """Count the ghosts; nobody knows how many where one of the processes cannot be told."""
    lives = {name: told[name].life if name in told else Life.UNKNOWN for name in heads.processes}
    if not set(lives.values()) <= {Life.ALIVE, Life.GHOST}:
        return None
    return sum(heads.processes[name] for name, life in lives.items() if life is Life.GHOST)


async def members(adapter: RedisAdapter, group: str) -> AsyncIterator[MemberState]:
    """Yield every member of a group that has not expired, taps too, oldest first."""
    key = group_key(adapter.layer, group)
    client = adapter.client(adapter.layer.consistent_hash(group))
    lives = Lives(adapter, _PATIENCE)
    chunks = members_of(client, key, oldest(adapter.layer))
    while True:
        async with adapter.answering():
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        processes = {name: adapter.layer.non_local_name(name) for name, _ in chunk}
        asked = {name for name in processes if "!" in name and not is_tap(name)}
        told = await lives.of({processes[name]: score for name, score in chunk if name in asked})
        for name, score in chunk:
            process = processes[name]
            known = told.get(process, _NOT_ASKED)
            yield MemberState(
                channel=name,
                process=process,
                since=None if is_tap(name) else moment(score),
                life=Life.TAP if is_tap(name) else known.life,
                why=None if is_tap(name) else known.why,
            )
