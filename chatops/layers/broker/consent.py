"""Whether processes may be asked if they live: our message must be one that they can read."""

from collections.abc import Iterable, Sequence
from typing import Any

from chatops.layers.denied import Denied
from chatops.layers.homes import by_host
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import PROBE, queue_key
from chatops.model.message import Arrival

_PEEK = 3


class Unproven(Denied):
    """Nothing shows that our key and serializer are theirs, nor that they are not."""


VOUCH = "Where these settings surely have the application's key and serializer, say --same-codec."


async def may_ask(adapter: RedisAdapter, processes: Sequence[str]) -> None:
    """Raise `Denied` unless something that others have queued was readable, and nothing was not."""
    arrivals: list[Arrival] = []
    for index, here in by_host(adapter.layer, processes).items():
        pipe = adapter.client(index).pipeline(transaction=False)
        for each in here:
            pipe.zrange(queue_key(adapter.layer, each), 0, _PEEK - 1)
        async with adapter.answering():
            answers: Any = await pipe.execute()
        arrivals += [adapter.arrival(payload) for queue in answers for payload in queue]
    require_consent(adapter, arrivals)


def require_consent(adapter: RedisAdapter, arrivals: Iterable[Arrival]) -> None:
    """Raise `Denied` where a message of ours could kill a consumer that gets it.

    That two projects share their settings does not show that they share a key: only a message of
    theirs that we can read does, or somebody who vouches for it. What another check has asked
    them is not theirs.
    """
    problems = [each.problem for each in arrivals if each.body.get("type") != PROBE]
    if any(problems):
        raise Denied("not asked: what is queued has another key or serializer than ours")
    if not problems and not adapter.vouched:
        raise Unproven(
            "not asked: nothing is queued that shows which key and serializer they use", VOUCH
        )
