"""How large a message may be, by what the servers say of themselves."""

from typing import Any

from chatops.layers.redis import RedisAdapter

_BULK = "proto-max-bulk-len"
_BUFFERS = "client-output-buffer-limit"


async def size_limit(adapter: RedisAdapter) -> int | None:
    """Return the least that one of the servers takes in bytes; `None` where none of them says.

    Who subscribes is cut off by the server beyond its hard limit of a subscriber's buffer.
    """
    limits = []
    for index in range(len(adapter.hosts)):
        pipe = adapter.client(index).pipeline(transaction=False)
        pipe.config_get(_BULK)
        pipe.config_get(_BUFFERS)
        async with adapter.answering():
            answers: list[Any] = await pipe.execute(raise_on_error=False)
        told = {
            name: value
            for each in answers
            if isinstance(each, dict)
            for name, value in each.items()
        }
        if _BULK in told:
            limits.append(int(told[_BULK]))
        if adapter.kind == "pubsub" and (hard := _hard(told.get(_BUFFERS, ""))):
            limits.append(hard)
    return min(limits, default=None)


def _hard(limits: str) -> int | None:
    """Read the hard limit of subscribers from `normal 0 0 0 slave … pubsub 33554432 8388608 60`."""
    words = limits.split()
    return int(words[words.index("pubsub") + 1]) if "pubsub" in words else None
