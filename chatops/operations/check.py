"""Smoke-test a channel layer."""

import asyncio
import time
from collections.abc import Awaitable

from chatops.errors import BrokenLayer, ChatopsError, LayerAway
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Check, Finding, Status, worst
from chatops.model.source import LayerSource
from chatops.operations.probe import ANOTHER_PROCESS, TYPE, Probe
from chatops.operations.probes import IN_PROCESS
from chatops.operations.twin import answer_from_another_process


async def check(layer: LayerAdapter, source: LayerSource) -> Check:
    """Try everything a consumer relies on, on channels and groups of our own.

    A probe that crashes is that probe's `unknown`, and the others go on.
    """
    started = time.monotonic()
    findings = [_built(layer)]
    answered = None
    if findings[0].status is Status.OK:
        error = await _contact(layer)
        answered = not isinstance(error, LayerAway)
        findings += layer.settings_findings()
        findings += await _live(layer, source) if error is None else _not_tried(error)
    return Check(
        layer=layer.alias,
        backend=layer.backend,
        status=worst(findings),
        answered=answered,
        seconds=round(time.monotonic() - started, 3),
        findings=sorted(findings, key=lambda finding: finding.id),
    )


def _built(layer: LayerAdapter) -> Finding:
    detail, status, fix = layer.backend, Status.OK, None
    try:
        _ = layer.layer
    except BrokenLayer as error:
        detail, status = str(error), Status.FAIL
        fix = f"Correct CHANNEL_LAYERS[{layer.alias!r}]."
    return Finding(id="CHO001", name="layer can be built", status=status, detail=detail, fix=fix)


async def _contact(layer: LayerAdapter) -> ChatopsError | None:
    """Send one message; returns the error where the layer is away, or does not let us."""
    try:
        await layer.send(await layer.new_channel(), {"type": TYPE})
    except ChatopsError as error:
        return error
    return None


def _not_tried(error: ChatopsError) -> list[Finding]:
    first, *others = (*IN_PROCESS, ANOTHER_PROCESS)
    fix = "Start the server, or correct its address in CHANNEL_LAYERS."
    away = isinstance(error, LayerAway)
    return [
        first.fail(str(error), fix) if away else first.unknown(str(error)),
        *(probe.unknown(f"not tried, because {first.name} was not possible") for probe in others),
    ]


async def _live(layer: LayerAdapter, source: LayerSource) -> list[Finding]:
    """Time the round trips undisturbed; then start the other process, which takes the longest."""
    first, *others = IN_PROCESS.items()
    found = [await _tried(first[0], first[1](layer))]
    other = asyncio.create_task(_tried(ANOTHER_PROCESS, answer_from_another_process(layer, source)))
    try:
        found += [await _tried(probe, run(layer)) for probe, run in others]
        return [*found, await other]
    finally:
        other.cancel()


async def _tried(probe: Probe, run: Awaitable[Finding]) -> Finding:
    [outcome] = await asyncio.gather(run, return_exceptions=True)
    if isinstance(outcome, Finding):
        return outcome
    if isinstance(outcome, ChatopsError):
        return probe.unknown(str(outcome))
    if isinstance(outcome, Exception):
        return probe.unknown(f"the probe broke: {outcome!r}")
    raise outcome
