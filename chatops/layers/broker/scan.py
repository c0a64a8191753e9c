"""Read what a core layer keeps on its servers, within bounds."""

import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from chatops.layers.broker.survey import Survey, is_member
from chatops.layers.census import text
from chatops.layers.redis import RedisAdapter
from chatops.layers.scanned import scanned
from chatops.layers.spelling import (
    COPY,
    PROBE,
    escaped,
    group_key,
    inflight_key,
    is_name,
    is_process,
    is_tap,
    queue_key,
)

_SCANS, _BULK = 100, 1000
_GROUPS, _MEMBERS, _PROCESSES = 1000, 1000, 500
_PEEK = 3


async def keys(
    adapter: RedisAdapter, client: Redis, pattern: str, scans: int = _SCANS
) -> tuple[Sequence[str], bool]:
    """Return the keys that match, and whether that is all: a huge server is looked at in part."""
    found: dict[str, None] = {}
    async with aclosing(scanned(adapter, client, pattern, _BULK)) as rounds:
        async for some in rounds:
            if not scans:
                return list(found), False
            scans -= 1
            found |= dict.fromkeys(map(text, some))
    return list(found), True


async def survey(adapter: RedisAdapter) -> Survey:
    """Look at every host, each name where its process would look for it."""
    seen = Survey()
    hosts = [_Host(adapter, index, seen) for index in range(len(adapter.hosts))]
    for host in hosts:
        await host.groups()
    for host in hosts:
        await host.copies()
        await host.queues()
    return seen


class _Host:
    """One host's part of a survey."""

    def __init__(self, adapter: RedisAdapter, index: int, seen: Survey) -> None:
        self._adapter = adapter
        self._layer = adapter.layer
        self._client = adapter.client(index)
        self._index = index
        self._seen = seen
        self._names: Sequence[str] = ()
        self._owners: frozenset[str] = frozenset()

    async def groups(self) -> None:
        """Read who is in the groups, and keep the other names for later."""
        prefix, start = str(self._layer.prefix), group_key(self._layer, "")
        found, complete = await keys(self._adapter, self._client, f"{escaped(prefix)}*")
        if not complete:
            self._seen.unseen.append(f"only the first {_SCANS * _BULK} keys were looked at")
        self._names = [key.removeprefix(prefix) for key in found if not key.startswith(start)]
        groups = [key.removeprefix(start) for key in found if key.startswith(start)]
        groups = [each for each in groups if not each.startswith(PROBE)]
        if len(groups) > _GROUPS:
            self._seen.unseen.append(f"only {_GROUPS} of {len(groups)} groups were looked at")
        pipe = self._client.pipeline(transaction=False)
        for group in (chosen := groups[:_GROUPS]):
            pipe.zrange(group_key(self._layer, group), 0, _MEMBERS - 1, withscores=True)
        for group, answer in zip(chosen, await self._answers(pipe), strict=True):
            if len(answer) == _MEMBERS:
                self._seen.unseen.append(f"only {_MEMBERS} members of {group} were looked at")
            members = ((text(name), float(score)) for name, score in answer)
            self._seen.members[group] = {name: at for name, at in members if is_member(name)}

    async def copies(self) -> None:
        """Count what is kept of messages in flight."""
        self._owners = frozenset(self._seen.owners)
        names = [each.removesuffix(COPY) for each in self._names if each.endswith(COPY)]
        names = [each for each in names if self._ours(each)][:_PROCESSES]
        pipe = self._client.pipeline(transaction=False)
        for name in names:
            pipe.zcard(inflight_key(self._layer, name))
        for name, count in zip(names, await self._answers(pipe), strict=True):
            if count:
                self._seen.inflight[name] = count

    async def queues(self) -> None:
        """Count what is queued, and peek; what only checks have sent is left out."""
        names = sorted(filter(self._ours, self._names), key=lambda name: "!" not in name)
        since = time.time() - self._layer.expiry
        pipe = self._client.pipeline(transaction=False)
        for name in (chosen := names[:_PROCESSES]):
            pipe.zcount(queue_key(self._layer, name), since, "+inf")
            pipe.zrangebyscore(queue_key(self._layer, name), since, "+inf", start=0, num=_PEEK)
        answers = iter(await self._answers(pipe))
        for name, count, payloads in zip(chosen, answers, answers, strict=False):
            arrivals = [self._adapter.arrival(payload) for payload in payloads]
            if all(each.body.get("type") == PROBE for each in arrivals):
                continue
            if "!" in name or all(each.problem is None for each in arrivals):
                self._seen.queued[name] = max(count, self._seen.queued.get(name, 0))
                self._seen.peeked[name] = arrivals

    def _ours(self, name: str) -> bool:
        """Tell a queue of this layer, on its own host, from other keys that begin the same."""
        if "!" not in name:  # a channel that no process owns, such as a worker's
            return is_name(name)
        known = is_process(name) or name in self._owners
        own = self._layer.client_prefix in name or is_tap(name)
        return known and not own and self._layer.consistent_hash(name) == self._index

    async def _answers(self, pipe: Any) -> Sequence[Any]:  # noqa: ANN401 - redis-py's
        """Ask; a key of another type, which is none of ours, has nothing in it."""
        async with self._adapter.answering():
            answers = await pipe.execute(raise_on_error=False)
            for position, each in enumerate(answers):
                if isinstance(each, ResponseError) and str(each).startswith("WRONGTYPE"):
                    answers[position] = ()
                elif isinstance(each, Exception):
                    raise each
        return list(answers)
