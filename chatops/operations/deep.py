"""The probes of `--deep`: what needs patience, a queue filled to the brim, or a cut connection."""

import asyncio
import secrets
import time
from collections.abc import Sequence

from chatops.errors import LayerAway, OverCapacity
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import CAPACITY, EXPIRY, IDLE, RECOVERY
from chatops.model.wanted import Wanted
from chatops.operations.lane import Lane, lane
from chatops.operations.probe import PATIENCE, TYPE
from chatops.operations.tried import Probes

TIME = 15.0
"""Seconds that these may take, on top of those for one silence."""

_IDLE = 6.5
_FILL = 10_000
_RECOVERY = 5.0
_AGAIN = 0.25
_SLACK = 2.0
"""Seconds that a server's clock may round away."""


def deep_probes(layer: LayerAdapter, wanted: Wanted) -> Probes:
    """Return what `--deep` adds; each runs on queues and connections of its own."""
    if not wanted.deep:
        return {}
    return {
        IDLE: lambda: idle(layer),
        CAPACITY: lambda: capacity(layer),
        EXPIRY: lambda: expiry(layer),
        RECOVERY: lambda: recovery(layer),
    }


async def idle(layer: LayerAdapter) -> Finding:
    """Receive on a channel that stays empty for longer than any timeout of 5 s."""
    async with layer.apart() as own, lane(own) as ours:
        receiving = asyncio.create_task(ours.receive(_IDLE + PATIENCE))
        try:
            await asyncio.wait([receiving], timeout=_IDLE)
            if receiving.done():
                return IDLE.fail(f"a receive on an empty channel ended: {_end(receiving)}")
            await ours.send(part="late")
            came = await receiving
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
    if came is None:
        return IDLE.fail(f"what was sent after {_IDLE} s of silence did not arrive")
    return IDLE.ok(f"what was sent after {_IDLE} s of silence arrived")


def _end(task: "asyncio.Task[dict[str, object] | None]") -> str:
    error = task.exception()
    return str(error) if error else f"it returned {task.result()!r}"


async def capacity(layer: LayerAdapter) -> Finding:
    """Fill a queue of ours."""
    async with layer.apart() as own:
        channel = await own.new_channel()
        most = own.capacity(channel)
        if most is None:
            return CAPACITY.none("this layer's queues have no capacity that is known")
        if most > _FILL:
            return CAPACITY.none(f"a capacity of {most} is more than a probe should fill")
        took = 0
        try:
            while took <= most:
                await own.send(channel, {"type": TYPE})
                took += 1
        except OverCapacity:
            pass
    if took == most:
        return CAPACITY.ok(f"ChannelFull came after {took} messages")
    if took < most:
        return CAPACITY.fail(f"the queue was full after {took} messages, not {most}")
    return CAPACITY.fail(f"the queue took more than {most} messages")


async def expiry(layer: LayerAdapter) -> Finding:
    """Ask when a queue of ours will be forgotten; nobody waits for it."""
    async with layer.apart() as own:
        channel = await own.new_channel()
        await own.send(channel, {"type": TYPE})
        told = await own.lifetime(channel)
    if told is None:
        return EXPIRY.none("nothing on this layer outlives its process")
    left, configured = told
    if left < 0:
        return EXPIRY.fail(f"the server never forgets a message; configured are {configured} s")
    if not configured - _SLACK - PATIENCE <= left <= configured + _SLACK:
        return EXPIRY.fail(
            f"the server forgets a message after {left:.0f} s; configured are {configured} s"
        )
    return EXPIRY.ok(f"the server forgets a message after {configured} s")


async def recovery(layer: LayerAdapter) -> Finding:
    """Have our own connections cut, and see whether messages come through afterwards."""
    name = f"{TYPE}.{secrets.token_hex(8)}"
    async with layer.apart(name) as own, lane(own) as ours:
        await ours.send(part="before")
        await ours.receive()
        killed = await layer.cut(name)
        if killed is None:
            return RECOVERY.none("this layer has no connection that could be cut")
        if killed == 0:
            return RECOVERY.unknown("the server does not list our connections")
        started, raised = time.monotonic(), []
        while time.monotonic() - started < _RECOVERY:
            try:
                if await _through(ours):
                    break
            except LayerAway as error:
                raised.append(str(error))
                await asyncio.sleep(_AGAIN)
        else:
            return RECOVERY.fail(_told(killed, f"nothing arrived within {_RECOVERY:.0f} s", raised))
    took = f"messages arrived again within {time.monotonic() - started:.1f} s"
    say = RECOVERY.warn if raised else RECOVERY.ok
    return say(_told(killed, took, raised))


def _told(killed: int, what: str, raised: Sequence[str]) -> str:
    tried = f"; {len(raised)} of the attempts before raised: {raised[0]}" if raised else ""
    return f"connections were cut ({killed}), {what}{tried}"


async def _through(ours: Lane) -> bool:
    """Send again and again until something arrives: what is sent while nobody listens is lost."""
    receiving = asyncio.create_task(ours.receive(_RECOVERY))
    try:
        while not receiving.done():
            await ours.send(part="after")
            await asyncio.wait([receiving], timeout=_AGAIN)
        return receiving.result() is not None
    finally:
        receiving.cancel()
        await asyncio.gather(receiving, return_exceptions=True)
