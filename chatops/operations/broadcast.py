"""Send an event into rooms."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace
from typing import Any

from chatops.errors import LayerAway
from chatops.layers.base import LayerAdapter
from chatops.model.broadcast import Broadcast, Sent, Summary, summarize
from chatops.model.room import Reach
from chatops.model.target import Target
from chatops.operations.guard import handled, intact
from chatops.project.handlers import Consumer


async def broadcast(
    layer: LayerAdapter,
    targets: Sequence[Target],
    event: Callable[[Target], dict[str, Any]],
    consumers: Sequence[Consumer],
) -> AsyncGenerator[Broadcast | Summary, None]:
    """Send to each target the event made for it, and yield what came of it.

    Nothing is sent unless every target and event passes the guard. No `consumers` means that
    nobody can know which types are handled. Raises `Refused`, and `LayerAway` where the layer
    was away before anything was sent.
    """
    started = time.monotonic()
    planned = [(target, event(target)) for target in dict.fromkeys(targets)]  # each once
    for target, each in planned:
        layer.check_group(target.group)
        if consumers:
            handled(each, consumers)
        await intact(layer, each)
    done: list[Broadcast] = []
    for target, each in planned:
        try:
            done.append(await _send(layer, target, each))
        except LayerAway as error:
            if not any(earlier.status is Sent.SENT for earlier in done):
                raise
            done.append(_outcome(target, Sent.FAILED, None, str(error)))
        yield done[-1]
    yield summarize(done, seconds=time.monotonic() - started, handlers_checked=bool(consumers))


async def _send(layer: LayerAdapter, target: Target, event: dict[str, Any]) -> Broadcast:
    reach = await layer.reach(target.group)
    if reach is not None and reach.count == 0:
        return _outcome(target, Sent.EMPTY, reach, "nobody is in it")
    dropped = await layer.group_send(target.group, event)
    if dropped:
        queues = "1 full queue" if dropped == 1 else f"{dropped} full queues"
        return replace(
            _outcome(target, Sent.DROPPED, reach, f"{queues} dropped it"), dropped=dropped
        )
    return _outcome(target, Sent.SENT, reach)


def _outcome(
    target: Target, status: Sent, reach: Reach | None, reason: str | None = None
) -> Broadcast:
    return Broadcast(
        room=target.room, group=target.group, status=status, reach=reach, reason=reason
    )
