"""Check one layer or all of them, once or until they are healthy."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace

from chatops.errors import ChatopsError, Exit, TimeRanOut, Unsupported, foreign
from chatops.layers.base import LayerAdapter
from chatops.model.finding import Check, Finding, Limits, Status, worst
from chatops.model.rules import RULES, group_of
from chatops.model.rules.application import HANDSHAKE
from chatops.model.rules.settings import BUILT
from chatops.model.source import LayerSource
from chatops.model.visit import Visit
from chatops.model.waiting import Waiting
from chatops.model.wanted import Wanted
from chatops.operations.check import check
from chatops.operations.twin import Twin
from chatops.project.application import application_findings

_AGAIN = 1.0
"""Seconds between two rounds."""

_LEAST = 1.0
"""Seconds that the last round may take, however little time is left."""


async def survey(  # noqa: PLR0913 - each is one choice, by name
    layers: Sequence[LayerAdapter],
    source: LayerSource,
    wanted: Wanted,
    *,
    wait: float | None = None,
    visit: Visit | None = None,
    other: Twin | None = None,
) -> AsyncGenerator[Check | Waiting, None]:
    """Yield a check of each layer; what a visit finds stands with the first.

    What the application gives away stands with each: it is every layer's.
    `other` is another process that was started ahead, and serves all checks.
    With `wait` that is repeated, for so many seconds at most, until all of them pass; only the
    last round is yielded, and before it what is waited for. Raises `TimeRanOut` after it.
    """

    def one(layer: LayerAdapter, wanted: Wanted) -> Awaitable[Check]:
        if len(layers) == 1:
            return _checked(layer, source, wanted, other)
        return _checked_among(layer, source, wanted, other)

    until = time.monotonic() + (wait or 0)
    found = await _round(one, layers, _hurried(wanted, wait), visit)
    while wait is not None and not _healthy(found) and (left := until - time.monotonic()) > 0:
        yield Waiting(what=_wrong(found), seconds=left)
        await asyncio.sleep(min(_AGAIN, left))
        found = await _round(one, layers, _hurried(wanted, until - time.monotonic()), visit)
    for each in found:
        yield each
    if wait is not None and not _healthy(found):
        raise TimeRanOut(f"Not healthy within {wait:g} s: {_wrong(found)}.")


def _hurried(wanted: Wanted, left: float | None) -> Wanted:
    """Have no more patience than there is time left, but enough for an answer."""
    return (
        wanted if left is None else replace(wanted, timeout=min(wanted.timeout, max(left, _LEAST)))
    )


async def _round(
    one: Callable[[LayerAdapter, Wanted], Awaitable[Check]],
    layers: Sequence[LayerAdapter],
    wanted: Wanted,
    visit: Visit | None,
) -> list[Check]:
    found = [await one(layer, wanted) for layer in layers]
    started = time.monotonic()
    if any(wanted.takes(each) for each in RULES if group_of(each) == "application"):
        ours = [each for each in application_findings() if wanted.takes(each.id)]
        took = time.monotonic() - started
        found = [_joined(each, ours, took) for each in found]
    if visit is not None:
        started = time.monotonic()
        more = [each for each in await _visited(visit, wanted) if wanted.takes(each.id)]
        found[0] = _joined(found[0], more, time.monotonic() - started)
    return found


async def _visited(visit: Visit, wanted: Wanted) -> list[Finding]:
    from chatops.operations.handshake import handshake  # noqa: PLC0415 - slow to load, and rare

    try:
        with foreign(Unsupported, "the visit broke"):
            return await handshake(visit, wanted)
    except ChatopsError as error:
        return [HANDSHAKE.unknown(str(error))]


def _joined(check: Check, more: Sequence[Finding], took: float) -> Check:
    ours = {each.id for each in more}
    findings = [*(each for each in check.findings if each.id not in ours), *more]
    findings.sort(key=lambda finding: finding.id)
    seconds = round(check.seconds + took, 3)
    return replace(check, findings=findings, status=worst(findings), seconds=seconds)


async def _checked(
    layer: LayerAdapter, source: LayerSource, wanted: Wanted, other: Twin | None
) -> Check:
    found = await check(layer, replace(source, alias=layer.alias), wanted, other)
    limits = Limits(
        rtt_warn_ms=wanted.rtt_warn,
        rtt_crit_ms=wanted.rtt_crit,
        loss_crit_percent=wanted.loss_crit,
    )
    return replace(found, limits=limits)


async def _checked_among(
    layer: LayerAdapter, source: LayerSource, wanted: Wanted, other: Twin | None
) -> Check:
    """Check one of several layers: that it cannot be used must not keep us from the others."""
    try:
        return await _checked(layer, source, wanted, other)
    except ChatopsError as error:
        return Check(
            layer=layer.alias,
            backend=layer.backend,
            status=Status.UNKNOWN,
            answered=None,
            seconds=0.0,
            findings=[BUILT.unknown(str(error))],
            strict=wanted.strict,
        )


def _healthy(found: Sequence[Check]) -> bool:
    return all(each.exit is Exit.DONE for each in found)


def _wrong(found: Sequence[Check]) -> str:
    """Name the first finding of the first layer that is not healthy."""
    sick = next(each for each in found if each.exit is not Exit.DONE)
    bad = next((each for each in sick.findings if each.status is sick.status), None)
    told = f"{bad.id} {bad.name}: {bad.detail.rstrip('.')}" if bad else str(sick.status)
    return f"layer {sick.layer}: {told}"
