"""Run probes; one that breaks leaves the others alone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from chatops.errors import ChatopsError
from chatops.model.finding import Finding
from chatops.model.rules.rule import Rule

Probes = Mapping[Rule, Callable[[], Awaitable[Finding]]]
"""What is done for each rule."""

_LOOK = (
    "Correct what it complains of: an option in CHANNEL_LAYERS (CHO005), or the server's settings."
)

_LONGEST = 300
"""Characters of what was found; an error may quote the whole message that was sent."""


async def tried(rule: Rule, run: Awaitable[Finding]) -> Finding:
    """Run one probe; what it raises is its `unknown`, or what consumers meet too its failure."""

    async def alone() -> list[Finding]:
        return [await run]

    [finding] = await all_tried([rule], alone())
    return finding


async def all_tried(rules: Sequence[Rule], run: Awaitable[list[Finding]]) -> list[Finding]:
    """Run what finds out about several rules; what it raises is told of each of them."""
    [outcome] = await asyncio.gather(run, return_exceptions=True)
    return [_short(each) for each in _told(rules, outcome)]


def _told(rules: Sequence[Rule], outcome: list[Finding] | BaseException) -> list[Finding]:
    match outcome:
        case ChatopsError(felt=True):
            return [rule.fail(str(outcome), outcome.fix or _LOOK) for rule in rules]
        case ChatopsError():
            return [rule.unknown(str(outcome), outcome.fix) for rule in rules]
        case Exception():
            return [rule.unknown(f"the probe broke: {outcome!r}") for rule in rules]
        case BaseException():
            raise outcome
    return outcome


def _short(finding: Finding) -> Finding:
    if len(finding.detail) <= _LONGEST:
        return finding
    return replace(finding, detail=f"{finding.detail[:_LONGEST]} …")


async def side_by_side(probes: Probes) -> list[Finding]:
    """Run all at once."""
    return list(await asyncio.gather(*(tried(rule, run()) for rule, run in probes.items())))


async def one_by_one(probes: Probes) -> list[Finding]:
    """Run one after the other."""
    return [await tried(rule, run()) for rule, run in probes.items()]
