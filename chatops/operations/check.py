"""Find out why messages vanish, before users do."""

import time

from chatops.checks import settings_findings
from chatops.checks.silenced import silenced
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Check, Status, worst
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.contact import answers, built, contact, not_tried
from chatops.operations.live import broker_findings, live_findings, live_rules
from chatops.operations.twin import Twin, twin


async def check(
    layer: LayerAdapter, source: LayerSource, wanted: Wanted, other: Twin | None = None
) -> Check:
    """Try everything a consumer relies on, on channels and groups of our own.

    `other` is another process that was started ahead, and is left running; without it one is
    started here, where a wanted rule needs it.
    """
    started = time.monotonic()
    layer.answer_within(wanted.timeout)
    found = {each.id: each for each in settings_findings(layer.alias, layer.entry, layer.kind)}
    made = built(layer)
    answered = None
    told = [made]
    if made.status is Status.OK:
        told += layer.settings_findings()
    if made.status is Status.OK and (asked := live_rules(layer, wanted)):
        error = await contact(layer)
        answered = answers(error)
        if error is not None:
            told += not_tried(error, asked)
            if layer.seconds_left > 0:  # the server may answer all the same, and say why
                said = await broker_findings(layer, wanted)
                told += [each for each in said if each.status is not Status.UNKNOWN or each.fix]
                seen = {Status.OK, Status.WARN, Status.FAIL}
                answered = answered or any(each.status in seen for each in said)
        elif other is not None:
            told += await live_findings(layer, wanted, other)
        else:
            with twin(source, wanted) as own:
                told += await live_findings(layer, wanted, own)
    found |= {each.id: each for each in told}
    taken = [each for each in silenced(found.values()) if wanted.takes(each.id)]
    return Check(
        layer=layer.alias,
        backend=layer.backend,
        status=worst(taken),
        answered=answered,
        seconds=round(time.monotonic() - started, 3),
        findings=sorted(taken, key=lambda finding: finding.id),
        strict=wanted.strict,
    )
