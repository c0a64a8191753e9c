"""How long a message takes to a channel of ours and back, and how many are lost."""

import statistics
import time
from typing import Any

from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import SEND
from chatops.model.wanted import Wanted
from chatops.operations.lane import Lane, lane
from chatops.operations.probe import PATIENCE

_SHARE = 0.6
"""Of the time for all probes, what the samples may take."""


async def send_and_receive(layer: LayerAdapter, wanted: Wanted) -> Finding:
    """Send to a channel of ours and wait for it, several times over."""
    until = time.monotonic() + wanted.timeout * _SHARE
    trips: list[float] = []
    tried = 0
    allowed = wanted.samples * wanted.loss_crit / 100
    while tried < wanted.samples and tried - len(trips) <= allowed and time.monotonic() < until:
        async with lane(layer) as ours:  # a new one after each loss
            # The first trip pays for connections, and is not what users wait for.
            await _trip(ours, wanted)
            while tried < wanted.samples and time.monotonic() < until:
                tried += 1
                if (taken := await _trip(ours, wanted)) is None:
                    break
                trips.append(taken)
    return _judged(trips, tried, wanted)


async def _trip(ours: Lane, wanted: Wanted) -> float | None:
    """Return the milliseconds of one round trip, `None` where the message is lost."""
    started = time.perf_counter()
    await ours.send()
    came = await ours.receive(max(PATIENCE, wanted.rtt_crit / 1000))
    return None if came is None else (time.perf_counter() - started) * 1000


def _judged(trips: list[float], tried: int, wanted: Wanted) -> Finding:
    lost = 100 * (tried - len(trips)) / max(tried, 1)
    came = f"{len(trips)} of {tried} came back"
    if tried == 0:
        return SEND.unknown("the time was over before a sample could be taken")
    if not trips:
        return SEND.fail(came, value=lost, unit="%")
    median, last = statistics.median(trips), sorted(trips)[-(len(trips) // 100) - 1]
    figures: dict[str, Any] = {
        "p50_ms": round(median, 3),
        "p99_ms": round(last, 3),
        "value": round(lost, 3),
        "unit": "%",
    }
    if len(trips) == tried < wanted.samples:
        came += f" before the time for {wanted.samples} was over"
    told = f"{came}, p50 {median:.1f} ms, p99 {last:.1f} ms"
    if lost > wanted.loss_crit:
        return SEND.fail(told, **figures)
    for limit, say in ((wanted.rtt_crit, SEND.fail), (wanted.rtt_warn, SEND.warn)):
        if median >= limit:
            return say(
                f"{told}; at most {limit:g} ms were asked for",
                "Look for load on the server and the network, or raise the limit.",
                **figures,
            )
    return SEND.ok(told, **figures)
