"""The probes of a check that send to groups of ours."""

from chatops.layers.base import LayerAdapter
from chatops.model.finding import Finding
from chatops.model.rules.live import DISCARD, FAN_OUT, ISOLATION
from chatops.model.wanted import Wanted
from chatops.operations.lane import joined, lane, member
from chatops.operations.probe import TYPE, probe_group


async def fan_out(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that each of three members gets what is sent to the group, once."""
    group = probe_group()
    async with joined(layer, [group] * 3) as members:
        await layer.group_send(group, {"type": TYPE, "part": "group"})
        got = [await each.until_last() for each in members]
    reached = got.count(["group"])
    if reached == len(got):
        return FAN_OUT.ok(f"{reached} of {len(got)} members got it, once each")
    return FAN_OUT.fail(f"{reached} of {len(got)} members got it exactly once")


async def discard(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that a member that has left gets nothing more."""
    group = probe_group()
    async with joined(layer, [group]) as [stays], lane(layer) as leaves:
        async with member(layer, group, leaves.channel):
            pass
        await layer.group_send(group, {"type": TYPE, "part": "group"})
        got = [await each.until_last() for each in (stays, leaves)]
    if got == [["group"], []]:
        return DISCARD.ok("a member that left got nothing more")
    return DISCARD.fail(
        f"the one that stayed got {len(got[0])} of 1, the one that left {len(got[1])} of 0"
    )


async def isolation(layer: LayerAdapter, _: Wanted) -> Finding:
    """See that groups whose names are near do not hear one another."""
    first = probe_group()
    groups = [first, f"{first}.a", f"{first}.A", f"{first}-a"]
    async with joined(layer, groups) as members:
        for group in groups:
            await layer.group_send(group, {"type": TYPE, "part": group})
        got = [await each.until_last() for each in members]
    heard = list(zip(groups, got, strict=True))
    for group, parts in heard:
        if strange := sorted(set(parts) - {group}):
            near = strange[0].removeprefix(first) or "the name alone"
            own = group.removeprefix(first) or "the name alone"
            return ISOLATION.fail(f"a group heard another: {own!r} got what was sent to {near!r}")
    reached = sum(parts == [group] for group, parts in heard)
    if reached < len(groups):
        return ISOLATION.fail(f"{reached} of {len(groups)} groups got their own message once")
    return ISOLATION.ok(f"{reached} groups with names that are near heard their own alone")
