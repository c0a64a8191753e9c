"""The probes of a check that need no other process. Each uses channels of its own."""

import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from chatops.errors import OverCapacity
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import DISCARD, FAN_OUT, IDENTICAL, ORDER, SEND
from chatops.model.rules.rule import Rule
from chatops.model.wanted import Wanted
from chatops.operations.probe import LEASE, PATIENCE, TYPE, probe_group

_BURST = 50
_LARGE = 64 * 1024


async def send_and_receive(layer: LayerAdapter, wanted: Wanted) -> Finding:
    """Send to a channel of ours and wait for it, several times over."""
    channel = await layer.new_channel()
    # The first trip pays for connections, and is not what users wait for.
    await layer.send(channel, {"type": TYPE})
    await layer.receive(channel, PATIENCE)
    trips = []
    for number in range(wanted.samples):
        started = time.perf_counter()
        await layer.send(channel, {"type": TYPE, "number": number})
        if await layer.receive(channel, PATIENCE) is None:
            break
        trips.append((time.perf_counter() - started) * 1000)
    came = f"{len(trips)} of {wanted.samples} came back"
    if len(trips) < wanted.samples:
        return SEND.fail(came)
    p50, p99 = statistics.median(trips), statistics.quantiles(trips, n=100, method="inclusive")[98]
    return SEND.ok(
        f"{came}, p50 {p50:.1f} ms, p99 {p99:.1f} ms", p50_ms=round(p50, 3), p99_ms=round(p99, 3)
    )


async def fan_out(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that each of three members gets what is sent to the group, once."""
    async with _members(layer, 3) as (group, channels):
        await layer.group_send(group, {"type": TYPE, "part": "group"})
        got = [await _until_last(layer, channel) for channel in channels]
    reached = sum(parts == ["group"] for parts in got)
    if reached == len(channels):
        return FAN_OUT.ok(f"{reached} of {len(channels)} members got it, once each")
    return FAN_OUT.fail(f"{reached} of {len(channels)} members got it exactly once")


async def discard(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that a member that has left gets nothing more."""
    async with _members(layer, 2) as (group, [stays, leaves]):
        await layer.group_discard(group, leaves)
        await layer.group_send(group, {"type": TYPE, "part": "group"})
        got = [await _until_last(layer, channel) for channel in (stays, leaves)]
    if got == [["group"], []]:
        return DISCARD.ok("a member that left got nothing more")
    return DISCARD.fail(
        f"the one that stayed got {len(got[0])} of 1, the one that left {len(got[1])} of 0"
    )


async def identical(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that what is received is what was sent, whatever the type of its values."""
    plain: dict[str, Any] = {
        "type": TYPE,
        "text": "Zoë ✓ 東京 \U0001f642 \x00",
        "nested": {"list": [1, -2.5, True, None, {"deep": ["", {}]}]},
        "large": "x" * _LARGE,
    }
    channel = await layer.new_channel()
    note = "text, numbers, nesting, bytes and 64 kB came back as they were"
    try:
        await layer.send(channel, sent := {**plain, "bytes": bytes(range(256))})
    except (TypeError, ValueError):
        await layer.send(channel, sent := plain)
        note = "text, numbers, nesting and 64 kB came back as they were; bytes cannot be sent"
    came = await layer.receive(channel, PATIENCE)
    if came == sent:
        return IDENTICAL.ok(note)
    changed = sorted(key for key in sent if (came or {}).get(key) != sent[key])
    return IDENTICAL.fail(
        "nothing came back" if came is None else f"came back changed: {', '.join(changed)}"
    )


async def order(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that a burst comes back whole, once, and in the order in which it was sent."""
    channel = await layer.new_channel()
    for number in range(_BURST):
        try:
            await layer.send(channel, {"type": TYPE, "number": number})
        except OverCapacity:
            return ORDER.fail(
                f"the queue was full after {number} of {_BURST} messages",
                "Raise `capacity` in CHANNEL_LAYERS: what comes when a queue is full is lost.",
            )
    got: list[object] = []
    while len(got) < _BURST and (came := await layer.receive(channel, PATIENCE)) is not None:
        got.append(came.get("number"))
    if got == list(range(_BURST)):
        return ORDER.ok(f"{_BURST} of {_BURST} in order")
    missing = len(set(range(_BURST)) - set(got))
    return ORDER.fail(
        f"{missing} of {_BURST} lost" if missing else "all came, but out of order or twice"
    )


IN_PROCESS: dict[Rule, Callable[[LayerAdapter, Wanted], Awaitable[Finding]]] = {
    SEND: send_and_receive,
    FAN_OUT: fan_out,
    DISCARD: discard,
    IDENTICAL: identical,
    ORDER: order,
}


@asynccontextmanager
async def _members(
    layer: LayerAdapter, count: int
) -> AsyncGenerator[tuple[str, Sequence[str]], None]:
    """Make a group of ours with so many members, which leave it on every way out."""
    group, channels = probe_group(), [await layer.new_channel() for _ in range(count)]
    try:
        for channel in channels:
            await layer.group_add(group, channel, lease=LEASE)
        yield group, channels
    finally:
        for channel in channels:
            await layer.group_discard(group, channel)


async def _until_last(layer: LayerAdapter, channel: str) -> list[str]:
    """Return what came on the channel before a message that is sent to it now, directly.

    A group's message that is not there when the direct one is, was not delivered.
    """
    await layer.send(channel, {"type": TYPE, "part": "last"})
    parts = []
    while (came := await layer.receive(channel, PATIENCE)) and came.get("part") != "last":
        parts.append(str(came.get("part")))
    return parts
