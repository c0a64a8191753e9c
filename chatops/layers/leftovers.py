"""What dead processes left on the servers of a core layer, and how it is removed."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chatops.layers.broker.survey import is_member, process
from chatops.layers.census import text
from chatops.layers.lives import Lives, Verdict
from chatops.layers.redis import RedisAdapter
from chatops.layers.scanned import scanned
from chatops.layers.spelling import COPY, PROBE, escaped, group_key, is_name, is_process
from chatops.model.member import Life
from chatops.model.residue import Fate, Left, Residue

PATIENCE = 1.0
"""Seconds for each of two questions, before a process is believed to be dead."""

_LASTING = 5.0
"""Seconds for which a second answer holds, while key after key is removed."""

_BULK = 1000


class Leftovers:
    """The members and in-flight copies of dead processes, key by key."""

    def __init__(self, adapter: RedisAdapter, wanted: Callable[[str], bool]) -> None:
        self._adapter = adapter
        self._layer = adapter.layer
        self._wanted = wanted
        self._lives = Lives(adapter, PATIENCE)
        self._again = Lives(adapter, PATIENCE)
        self._asked_at = 0.0
        self._joined: dict[str, float] = {}

    async def find(self) -> AsyncIterator[Sequence[Residue]]:
        """Yield what is left, at most so much of one key at once; first all are asked at once."""
        async for _, _, found in self._members():
            for name, joined in found:
                owner = process(name)
                self._joined[owner] = max(joined, self._joined.get(owner, joined))
        if self._wanted(""):
            async for key, owner in self._copies():
                self._joined.setdefault(owner, await self._newest(key, owner))
        told = await self._lives.of(self._joined)
        async for key, group, found in self._members():
            left = [
                _residue(Left.MEMBER, process(name), key, told, group=group, channel=name)
                for name, _ in found
                if _is_left(process(name), told)
            ]
            if left:
                yield left
        if self._wanted(""):
            async for key, owner in self._copies():
                if _is_left(owner, told):
                    yield [_residue(Left.INFLIGHT, owner, key, told)]

    async def _members(self) -> AsyncIterator[tuple[str, str, Sequence[tuple[str, float]]]]:
        """Yield key, group and some members: by ZSCAN, which what is removed does not disturb."""
        start = group_key(self._layer, "")
        for index in range(len(self._adapter.hosts)):
            async for key in self._keys(index, f"{escaped(start)}*"):
                group = key.removeprefix(start)
                # Nothing else is touched: a longer prefix that begins with ours has other keys.
                if not is_name(group) or group.startswith(PROBE):
                    continue
                cursor: int | None = None
                while cursor != 0 and self._wanted(group):
                    async with self._adapter.answering():
                        answer: Any = await self._adapter.client(index).zscan(
                            key, cursor or 0, count=_BULK
                        )
                    cursor, found = answer
                    named = [(text(name), float(score)) for name, score in found]
                    yield key, group, [each for each in named if is_member(each[0])]

    async def _copies(self) -> AsyncIterator[tuple[str, str]]:
        """Yield the key of each in-flight copy, and whose it is."""
        pattern = f"{escaped(self._layer.prefix)}specific.*!{escaped(COPY)}"
        for index in range(len(self._adapter.hosts)):
            async for key in self._keys(index, pattern):
                owner = key.removeprefix(self._layer.prefix).removesuffix(COPY)
                if is_process(owner):
                    yield key, owner

    async def _keys(self, index: int, pattern: str) -> AsyncIterator[str]:
        client = self._adapter.client(index)
        async for keys in scanned(self._adapter, client, pattern, _BULK, "zset"):
            for key in keys:
                yield text(key)

    async def _newest(self, key: str, owner: str) -> float:
        """Return when the newest message of a copy was sent: its owner was alive then."""
        client = self._adapter.client(self._layer.consistent_hash(owner))
        async with self._adapter.answering():
            found: Any = await client.zrange(key, -1, -1, withscores=True)
        return float(found[0][1]) if found else time.time()

    async def remove(self, residues: Sequence[Residue]) -> Sequence[Residue]:
        """Remove what is planned, all of one key, in one transaction, by exact name."""
        if time.monotonic() - self._asked_at > _LASTING:
            ghosts = [each for each, told in self._lives.known.items() if told.life is Life.GHOST]
            self._again = Lives(self._adapter, PATIENCE)
            await self._again.of({each: self._joined[each] for each in ghosts})
            self._asked_at = time.monotonic()
        planned = [each for each in residues if each.fate is Fate.PLANNED]
        told = self._again.known
        dead = [each for each in planned if told[each.process].life is Life.GHOST]
        removed = dict(zip(map(_name, dead), await self._removed(dead), strict=True))
        return [_fated(each, told, removed) for each in residues]

    async def _removed(self, dead: Sequence[Residue]) -> Sequence[int]:
        if not dead:
            return []
        home = dead[0].group or dead[0].process
        pipe = self._adapter.client(self._layer.consistent_hash(home)).pipeline(transaction=True)
        for each in dead:
            if each.channel is not None:
                pipe.zrem(each.key, each.channel)
            else:
                pipe.unlink(each.key)
        async with self._adapter.answering():
            answers: Sequence[int] = await pipe.execute()
        return answers


def _is_left(owner: str, told: Mapping[str, Verdict]) -> bool:
    """Tell whether it may be dead; who came only now was not asked, and is not."""
    return owner in told and told[owner].life is not Life.ALIVE


def _residue(
    left: Left, owner: str, key: str, told: Mapping[str, Verdict], **where: str
) -> Residue:
    return Residue(
        left=left,
        room=None,
        group=where.get("group"),
        channel=where.get("channel"),
        process=owner,
        key=key,
        why=told[owner].why,
        fate=Fate.PLANNED if told[owner].life is Life.GHOST else Fate.KEPT,
    )


def _fated(
    residue: Residue,
    told: Mapping[str, Verdict],
    removed: Mapping[tuple[str, str | None], int],
) -> Residue:
    if residue.fate is not Fate.PLANNED:
        return residue
    if _name(residue) not in removed:
        return replace(residue, fate=Fate.KEPT, why=told[residue.process].why)
    return replace(residue, fate=Fate.REMOVED if removed[_name(residue)] else Fate.GONE)


def _name(residue: Residue) -> tuple[str, str | None]:
    return residue.key, residue.channel
