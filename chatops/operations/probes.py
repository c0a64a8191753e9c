"""The probes of a check that send messages to one channel of ours, and wait for them."""

import asyncio
from typing import Any

from chatops.errors import OverCapacity
from chatops.layers.base import LayerAdapter
from chatops.layers.blocking import send_as_views_do
from chatops.model.finding import Finding
from chatops.model.rules.live import BLOCKING, DIRECT, IDENTICAL, ORDER, SIZES
from chatops.model.wanted import Wanted
from chatops.operations.alike import alike
from chatops.operations.lane import joined, lane
from chatops.operations.probe import TYPE, probe_group

_BURST = 50
_DIRECT = 16
_KB = 1024
_SIZES = (64 * _KB, 256 * _KB, _KB * _KB)

_VALUES: dict[str, Any] = {
    "text": "Zoë ✓ 東京 \U0001f642 \x00",
    "integers": [0, -1, 2**31, -(2**53), 2**53],
    "floats": [0.1, -2.5, 1e300],
    "nothing": [None, True, False, "", [], {}],
    "nested": {"list": [1, {"deep": [{"deeper": [[]]}]}], "Ключ": {"": "empty key"}},
}


async def identical(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that what is received is what was sent, whatever the type of its values."""
    sent, note = {**_VALUES, "bytes": bytes(range(256))}, "bytes"
    async with lane(layer) as ours:
        try:
            await ours.send(**sent)
        except (TypeError, ValueError):
            await ours.send(**(sent := _VALUES))
            note = "empty values"
        came = await ours.receive()
    if came is None:
        return IDENTICAL.fail("nothing came back")
    changed = sorted(key for key in sent if not alike(came.get(key), sent[key]))
    changed += sorted(came.keys() - sent.keys() - {"type"})
    if changed:
        return IDENTICAL.fail(f"came back changed: {', '.join(changed)}")
    more = "" if "bytes" in sent else "; bytes cannot be sent"
    return IDENTICAL.ok(f"text, numbers, nesting and {note} came back as they were{more}")


async def order(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that a burst comes back whole, once, and in the order in which it was sent."""
    got: list[str] = []
    async with lane(layer) as ours:
        room = layer.capacity(ours.channel)
        burst = _BURST if room is None else min(_BURST, room)
        for number in range(burst):
            try:
                await ours.send(part=number)
            except OverCapacity:
                return ORDER.fail(
                    f"the queue was full after {number} of {burst} messages",
                    "Raise `capacity` in CHANNEL_LAYERS: what comes when a queue is full is lost.",
                )
        while len(got) < burst and (came := await ours.receive()) is not None:
            got.append(str(came.get("part")))
        if len(got) == burst:
            got += await ours.until_last()
    sent = [str(number) for number in range(burst)]
    if got == sent:
        return ORDER.ok(f"{burst} of {burst} in order")
    lost, twice = len(set(sent) - set(got)), len(got) - len(set(got))
    if lost or twice:
        return ORDER.fail(f"of {burst}, {lost} were lost and {twice} came twice")
    return ORDER.fail(f"all {burst} came, but out of order")


async def sizes(layer: LayerAdapter, _: Wanted) -> Finding:
    """See how large a message may be."""
    largest = 0
    async with lane(layer) as ours:
        for size in _SIZES:
            text = "x" * size
            [trouble] = await asyncio.gather(ours.send(text=text), return_exceptions=True)
            if isinstance(trouble, Exception):
                say = SIZES.warn if largest else SIZES.fail
                return say(f"{_kb(size)} cannot be sent, {_kb(largest)} can: {trouble}")
            came = await ours.receive()
            if came is None or came.get("text") != text:
                how = "vanished" if came is None else "came back changed"
                return SIZES.fail(f"{_kb(size)} {how}, {_kb(largest)} came back")
            largest = size
    return SIZES.ok(f"{_kb(largest)} came back", value=float(largest), unit="bytes")


def _kb(size: int) -> str:
    return f"{size // _KB} kB"


async def direct(layer: LayerAdapter, _: Wanted) -> Finding:
    """See, with several hosts, that what is sent to a channel comes out of it."""
    if len(layer.hosts) <= 1:
        return DIRECT.none("there is one host, or none")
    lost = 0
    for _number in range(_DIRECT):
        async with lane(layer) as ours:
            await layer.send(ours.channel, {"type": TYPE, "part": "direct"})
            lost += await ours.until_last() != ["direct"]
    told = f"{lost} of {_DIRECT} direct sends were lost, over {len(layer.hosts)} hosts"
    if not lost:
        return DIRECT.ok(f"{_DIRECT} of {_DIRECT} direct sends arrived")
    if layer.kind == "core":
        return DIRECT.warn(f"{told} (channels_redis #221); group sends arrive")
    return DIRECT.fail(told)


async def blocking(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that two uses of `async_to_sync` in a thread without a loop both send."""
    group = probe_group()
    async with joined(layer, [group]) as [ours]:
        events = [{"type": TYPE, "part": part} for part in ("1", "2")]
        raised = [await asyncio.to_thread(send_as_views_do, layer, group, each) for each in events]
        got = await ours.until_last()  # raises where it is the layer that is away
    for number, trouble in enumerate(raised, 1):
        if trouble:
            return BLOCKING.fail(f"send {number} of 2 by async_to_sync in a thread: {trouble}")
    if got == ["1", "2"]:
        return BLOCKING.ok("two sends by async_to_sync in a thread both arrived")
    return BLOCKING.fail(f"{len(got)} of 2 sends by async_to_sync in a thread arrived")
