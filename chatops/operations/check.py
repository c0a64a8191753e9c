"""Find out why messages vanish, before users do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from chatops.checks import settings_findings
from chatops.errors import BrokenLayer, ChatopsError, LayerAway
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Check, Finding, Status, worst
from chatops.model.rules.live import ANOTHER_PROCESS, SEND
from chatops.model.rules.rule import Rule
from chatops.model.rules.settings import BUILT
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.probe import TYPE
from chatops.operations.probes import IN_PROCESS
from chatops.operations.twin import answer_from_another_process
from chatops.project.application import application_findings

Probes = Mapping[Rule, Callable[[], Awaitable[Finding]]]


async def check(layer: LayerAdapter, source: LayerSource, wanted: Wanted) -> Check:
    """Try everything a consumer relies on, on channels and groups of our own.

    A probe that crashes is that probe's `unknown`, and the others go on.
    """
    started = time.monotonic()
    layer.answer_within(wanted.timeout)
    findings = {each.id: each for each in settings_findings(layer.alias, layer.entry, layer.kind)}
    built = _built(layer)
    answered = None
    found = [built]
    if built.status is Status.OK:
        error = await _contact(layer)
        answered = not isinstance(error, LayerAway)
        found += layer.settings_findings()
        probes = _chosen(_live(layer, source, wanted), wanted)
        if error is None:
            found += await _tried_all(probes)
            found += await _tried_all(_chosen(layer.broker_probes(), wanted))
        else:
            found += _not_tried(error, [*probes])
    found += application_findings(layer.alias)
    findings |= {each.id: each for each in found}
    taken = [each for each in findings.values() if wanted.takes(each.id)]
    return Check(
        layer=layer.alias,
        backend=layer.backend,
        status=worst(taken),
        answered=answered,
        seconds=round(time.monotonic() - started, 3),
        findings=sorted(taken, key=lambda finding: finding.id),
        strict=wanted.strict,
    )


def _built(layer: LayerAdapter) -> Finding:
    try:
        _ = layer.layer
    except BrokenLayer as error:
        return BUILT.fail(str(error), f"Correct CHANNEL_LAYERS[{layer.alias!r}].")
    return BUILT.ok(layer.backend)


async def _contact(layer: LayerAdapter) -> ChatopsError | None:
    """Send one message; returns the error where the layer is away, or does not let us."""
    try:
        await layer.send(await layer.new_channel(), {"type": TYPE})
    except ChatopsError as error:
        return error
    return None


def _not_tried(error: ChatopsError, rules: Sequence[Rule]) -> list[Finding]:
    fix = "Start the server, or correct its address in CHANNEL_LAYERS."
    away = isinstance(error, LayerAway)
    return [
        SEND.fail(str(error), fix) if away else SEND.unknown(str(error)),
        *(
            rule.unknown(f"not tried, because {SEND.name} was not possible")
            for rule in rules
            if rule is not SEND
        ),
    ]


def _live(layer: LayerAdapter, source: LayerSource, wanted: Wanted) -> Probes:
    def one(run: Callable[..., Awaitable[Finding]]) -> Callable[[], Awaitable[Finding]]:
        return lambda: run(layer, wanted)

    return {
        **{rule: one(run) for rule, run in IN_PROCESS.items()},
        ANOTHER_PROCESS: lambda: answer_from_another_process(layer, source),
    }


def _chosen(probes: Probes, wanted: Wanted) -> Probes:
    return {rule: run for rule, run in probes.items() if wanted.takes(rule.id)}


async def _tried_all(probes: Probes) -> list[Finding]:
    """Time the round trips undisturbed, then run the others side by side."""
    found = [await _tried(SEND, probes[SEND]())] if SEND in probes else []
    others = (_tried(rule, run()) for rule, run in probes.items() if rule is not SEND)
    return [*found, *await asyncio.gather(*others)]


async def _tried(rule: Rule, run: Awaitable[Finding]) -> Finding:
    [outcome] = await asyncio.gather(run, return_exceptions=True)
    if isinstance(outcome, Finding):
        return outcome
    if isinstance(outcome, ChatopsError):
        return rule.unknown(str(outcome))
    if isinstance(outcome, Exception):
        return rule.unknown(f"the probe broke: {outcome!r}")
    raise outcome
