"""What is kept for an event loop, or for a shard of the layer, goes when that goes."""

from __future__ import annotations

import asyncio
import gc
import weakref

from chat.broker import subscription
from chat.live import hub, turn


class Shard:
    """As weak as one of the layer's."""


def test_what_is_kept_for_a_shard_goes_with_it() -> None:
    shard = Shard()
    gone = weakref.ref(shard)
    subscription.subscription(shard)

    del shard
    gc.collect()

    assert gone() is None


def test_what_is_kept_for_a_loop_goes_with_it() -> None:
    async def used() -> weakref.ref[asyncio.AbstractEventLoop]:
        turn.turn().add(Nobody())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        hub.hub()._looking = asyncio.create_task(asyncio.sleep(0))
        return weakref.ref(asyncio.get_running_loop())

    loops = [asyncio.run(used()) for _ in range(3)]
    gc.collect()

    assert [each() for each in loops[:2]] == [None, None]


class Nobody:
    """Has nothing to send."""

    def flush(self, frames: object) -> None:
        del frames
