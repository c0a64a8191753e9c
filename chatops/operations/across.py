"""The probes of a check that need another process."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import ACROSS, ANOTHER_PROCESS
from chatops.operations.fingerprint import differing, fingerprint
from chatops.operations.lane import LAST, Lane, joined
from chatops.operations.probe import PATIENCE, TYPE, probe_group
from chatops.operations.twin import START, Twin

_MEMBERS = 2
"""Members of the group in each of the two processes."""


async def across(layer: LayerAdapter, twin: Twin) -> list[Finding]:
    """Have the other process answer to a group, and count what members on both sides get.

    The time that it needs to start does not count.
    """
    if not twin.possible:
        return _neither("no module holds these settings for another process to read")
    left = layer.seconds_left
    twin.start()
    loaded = await twin.ask(START, do="hello")
    if "error" in loaded:
        return _failed(loaded)
    layer.answer_within(left)
    # Both ways by groups, because a core layer on several hosts loses what is sent directly.
    asked, answered, group = (probe_group() for _ in range(3))
    async with joined(layer, [answered, *[group] * _MEMBERS]) as [ear, *members]:
        try:
            salt = secrets.token_hex(8)
            order = {"alias": layer.alias, "salt": salt, "seconds": layer.seconds_left}
            there = await twin.ask(
                START, do="join", asked=asked, group=group, members=_MEMBERS, **order
            )
            if "error" in there:
                return _failed(there)
            await layer.group_send(asked, {"type": TYPE, "reply": answered})
            if await ear.receive() is None:
                here = fingerprint(layer.entry, salt)
                return _unheard(differing(here, there["config"]))
            heard = ANOTHER_PROCESS.ok("it got a group's message, and its answer came back")
            return [heard, await _counted(layer, twin, group, members)]
        finally:
            await twin.ask(PATIENCE, do="leave")


async def _counted(layer: LayerAdapter, twin: Twin, group: str, members: list[Lane]) -> Finding:
    """Send to the group, and hold what came on both sides against once each."""
    for part in ("group", LAST):
        await layer.group_send(group, {"type": TYPE, "part": part})
    here: list[list[str]] = [[] for _ in members]
    await asyncio.gather(*(each.collect(parts) for each, parts in zip(members, here, strict=True)))
    answer = await twin.ask(2 * PATIENCE, do="count")
    if "error" in answer:
        return ACROSS.unknown(f"the other process did not say what it got: {answer['error']}")
    there = answer["got"]
    told = ", ".join(
        f"{got.count(['group'])} of {_MEMBERS} {where}"
        for got, where in ((here, "here"), (there, "in another process"))
    )
    if all(parts == ["group"] for parts in (*here, *there)):
        return ACROSS.ok(f"{told} got it, once each")
    return ACROSS.fail(f"{told} got it exactly once")


def _neither(why: str) -> list[Finding]:
    return [ANOTHER_PROCESS.unknown(why), ACROSS.unknown(why)]


_NOT_TRIED = f"not tried, because {ANOTHER_PROCESS.name} was not possible"


def _failed(answer: dict[str, Any]) -> list[Finding]:
    """Say why the other process is of no use; a layer that is away says nothing of processes."""
    why = f"the other process could not use the layer: {answer['error']}"
    if answer.get("away"):
        return _neither(why)
    fix = "Run the check from where the project can be imported."
    return [ANOTHER_PROCESS.fail(why, fix), ACROSS.unknown(_NOT_TRIED)]


def _unheard(options: Sequence[str]) -> list[Finding]:
    """Say that nothing came back, and which settings each process makes up for itself."""
    told = f"no answer within {PATIENCE:.0f} s: what one process sends, another does not get"
    fix = None
    if options:
        names = " and ".join(options)
        told = f"no answer within {PATIENCE:.0f} s, and {names} differ from process to process"
        fix = f"Give {names} one value that is the same in every process, such as a constant."
    return [ANOTHER_PROCESS.fail(told, fix), ACROSS.unknown(_NOT_TRIED)]
