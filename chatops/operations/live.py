"""The order in which a layer and its server are tried."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import inf

from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import (
    ACROSS,
    ANOTHER_PROCESS,
    BLOCKING,
    DIRECT,
    DISCARD,
    FAN_OUT,
    IDENTICAL,
    ISOLATION,
    ORDER,
    SEND,
    SIZES,
)
from chatops.model.rules.rule import Rule
from chatops.model.wanted import Wanted
from chatops.operations.across import across
from chatops.operations.deep import TIME, deep_probes
from chatops.operations.groups import discard, fan_out, isolation
from chatops.operations.probe import TYPE
from chatops.operations.probes import blocking, direct, identical, order, sizes
from chatops.operations.tried import Probes, all_tried, one_by_one, side_by_side, tried
from chatops.operations.trips import send_and_receive
from chatops.operations.twin import Twin

_Kind = Callable[[LayerAdapter, Wanted], Awaitable[Finding]]
_Kinds = Mapping[Rule, _Kind]

_LIGHT: _Kinds = {
    FAN_OUT: fan_out,
    DISCARD: discard,
    IDENTICAL: identical,
    ISOLATION: isolation,
    DIRECT: direct,
    BLOCKING: blocking,
}
"""Side by side: at most a few messages of each are queued at once."""

_HEAVY: _Kinds = {ORDER: order, SIZES: sizes}
"""One by one, each on a queue apart: on a core layer all channels of a process share theirs."""


_ROOMY = 40
"""From this capacity on, what those queue together never fills a queue."""

_CONNECTIONS = 20
"""From so many allowed connections on, what is asked at once never lacks one."""

_QUEUED: Mapping[Rule, int] = {
    FAN_OUT: 2,
    DISCARD: 2,
    ISOLATION: 5,
    DIRECT: 2,
    BLOCKING: 3,
    ANOTHER_PROCESS: 2,
    ACROSS: 2,
}
"""How many messages a queue must take for the probe to mean anything."""

_OURS = f"specific.{TYPE}!any"
_TWINS = (ANOTHER_PROCESS, ACROSS)

_OVER = "not tried, because the time for all probes was over: see --timeout"


def live_rules(layer: LayerAdapter, wanted: Wanted) -> list[Rule]:
    """Return the wanted rules that need the layer's server."""
    rules = [SEND, *_LIGHT, *_HEAVY, *_TWINS, *layer.broker_probes(), *deep_probes(layer, wanted)]
    return [rule for rule in rules if wanted.takes(rule.id)]


async def live_findings(layer: LayerAdapter, wanted: Wanted, other: Twin | None) -> list[Finding]:
    """Time the round trips undisturbed, then try the rest; `--deep` takes its own time on top."""

    async def probes() -> list[Finding]:
        light, heavy = _light(layer, wanted, other), _heavy(layer, wanted)
        parts = light, heavy, broker_findings(layer, wanted)
        done = [await each for each in parts] if _is_narrow(layer) else await asyncio.gather(*parts)
        return [finding for part in done for finding in part]

    async def deep() -> list[Finding]:
        layer.answer_within(TIME + wanted.timeout)
        return await side_by_side(_chosen(deep_probes(layer, wanted), wanted))

    found = await side_by_side(_chosen(_bound({SEND: send_and_receive}, layer, wanted), wanted))
    for phase in (probes, deep):
        if layer.seconds_left > 0:
            found += await phase()
    seen = {finding.id for finding in found}
    return found + [
        rule.unknown(_OVER) for rule in live_rules(layer, wanted) if rule.id not in seen
    ]


async def broker_findings(layer: LayerAdapter, wanted: Wanted) -> list[Finding]:
    """Ask the layer's server alone, which may say why nothing can be sent."""
    run = one_by_one if _is_narrow(layer) else side_by_side
    return await run(_chosen(layer.broker_probes(), wanted))


def _is_narrow(layer: LayerAdapter) -> bool:
    """Tell whether probes would be in one another's way."""
    room = layer.capacity(_OURS)
    return (room is not None and room < _ROOMY) or (layer.connections or inf) < _CONNECTIONS


def _too_small(layer: LayerAdapter, rule: Rule) -> Finding | None:
    room = layer.capacity(_OURS)
    if room is None or room >= _QUEUED.get(rule, 1):
        return None
    return rule.none(f"a queue takes {room}, too few to try this: see CHO005")


def _bound(kinds: _Kinds, layer: LayerAdapter, wanted: Wanted) -> Probes:
    def one(rule: Rule, run: _Kind) -> Callable[[], Awaitable[Finding]]:
        async def fitting() -> Finding:
            return _too_small(layer, rule) or await run(layer, wanted)

        return fitting

    return {rule: one(rule, run) for rule, run in kinds.items()}


def _chosen(probes: Probes, wanted: Wanted) -> Probes:
    return {rule: run for rule, run in probes.items() if wanted.takes(rule.id)}


async def _light(layer: LayerAdapter, wanted: Wanted, other: Twin | None) -> list[Finding]:
    probes = _chosen(_bound(_LIGHT, layer, wanted), wanted)
    if _is_narrow(layer):
        return [*await one_by_one(probes), *await _twins(layer, wanted, other)]
    parts = await asyncio.gather(side_by_side(probes), _twins(layer, wanted, other))
    return [finding for part in parts for finding in part]


async def _heavy(layer: LayerAdapter, wanted: Wanted) -> list[Finding]:
    async def run(kind: _Kind) -> Finding:
        async with layer.apart() as own:
            return await kind(own, wanted)

    return [await tried(rule, run(_HEAVY[rule])) for rule in _HEAVY if wanted.takes(rule.id)]


async def _twins(layer: LayerAdapter, wanted: Wanted, other: Twin | None) -> list[Finding]:
    rules = [rule for rule in _TWINS if wanted.takes(rule.id)]
    small = [found for rule in rules if (found := _too_small(layer, rule)) is not None]
    if small:
        return small
    return await all_tried(rules, across(layer, other)) if other is not None and rules else []
