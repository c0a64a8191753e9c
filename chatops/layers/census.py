"""Count who is in the groups of a core layer, in rounds that hold neither Redis nor us up."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from chatops.layers.homes import by_host
from chatops.layers.spelling import is_tap, queue_key

BATCH = 100
"""Groups looked at in one round trip."""

_FIRST = 200
_MORE = 1000
"""Members of one group that are read at once: at first, when many groups are; then alone."""


@dataclass(slots=True)
class Headcount:
    """Who is in one group: members by process, taps left out; scores are the times they joined.

    `joined` is when the newest member of each process did.
    """

    processes: Counter[str] = field(default_factory=Counter)
    joined: dict[str, float] = field(default_factory=dict)
    oldest: float | None = None
    newest: float | None = None

    @property
    def members(self) -> int:
        """How many members there are."""
        return self.processes.total()

    def add(self, name: bytes, score: float) -> None:
        """Count one member, read in the order of scores."""
        if is_tap(name):
            return
        process, mark, _ = text(name).partition("!")
        self.processes[process + mark] += 1
        self.joined[process + mark] = score
        self.oldest = score if self.oldest is None else self.oldest
        self.newest = score


async def headcounts(client: Redis, keys: Sequence[bytes | str], since: float) -> list[Headcount]:
    """Count the members of each group that joined at `since` or later; older ones have expired."""
    pipe = client.pipeline(transaction=False)
    for key in keys:
        pipe.zrangebyscore(key, since, "+inf", 0, _FIRST, withscores=True)
    found = []
    for key, members in zip(keys, await pipe.execute(), strict=True):
        heads = Headcount()
        await _count(client, key, since, members, heads)
        found.append(heads)
    return found


async def _count(
    client: Redis,
    key: bytes | str,
    since: float,
    members: Sequence[tuple[bytes, float]],
    heads: Headcount,
) -> None:
    for name, score in members:
        heads.add(name, score)
    if len(members) < _FIRST:
        return
    # By rank from here, which is as fast at the end of a large set as at its beginning.
    start = int(await client.zcount(key, "-inf", f"({since}")) + len(members)
    while members:
        chunk: Any = await client.zrange(key, start, start + _MORE - 1, withscores=True)
        members = chunk
        for name, score in members:
            heads.add(name, score)
        start += len(members)


def newest(found: Iterable[Headcount]) -> dict[str, float]:
    """Return the processes of these groups, each with when its newest member joined."""
    joined: dict[str, float] = {}
    for heads in found:
        for process, score in heads.joined.items():
            if process.endswith("!"):
                joined[process] = max(score, joined.get(process, score))
    return joined


async def members_of(
    client: Redis, key: str, since: float
) -> AsyncIterator[Sequence[tuple[str, float]]]:
    """Yield a group's members that joined at `since` or later, oldest first, in bulk."""
    start = int(await client.zcount(key, "-inf", f"({since}"))
    while True:
        chunk: Any = await client.zrange(key, start, start + _MORE - 1, withscores=True)
        if not chunk:
            return
        yield [(text(name), float(score)) for name, score in chunk]
        start += len(chunk)


async def backlog(layer: Any, queues: Sequence[str]) -> dict[str, int]:  # noqa: ANN401
    """Count what is queued for each process, each on the host where it is looked for."""
    counts: dict[str, int] = {}
    for index, here in by_host(layer, queues).items():
        pipe = layer.connection(index).pipeline(transaction=False)
        for queue in here:
            pipe.zcard(queue_key(layer, queue))
        counts |= dict(zip(here, await pipe.execute(), strict=True))
    return counts


def oldest(layer: Any) -> float:  # noqa: ANN401
    """Return the time before which a member that joined has expired."""
    return time.time() - float(layer.group_expiry)


async def taps(client: Redis, key: str, since: float, lease: float) -> list[str]:
    """Name the taps in a group: their scores are those of members about to expire."""
    names: Any = await client.zrangebyscore(key, since, since + 2 * lease, 0, _MORE)
    return [text(name) for name in names if is_tap(name)]


def moment(score: float | None) -> datetime | None:
    """Read a score as the time that it is."""
    return None if score is None else datetime.fromtimestamp(score, UTC)


def text(name: bytes) -> str:
    """Read a name; bytes that are no text are shown, because others may write here too."""
    return name.decode(errors="backslashreplace")
