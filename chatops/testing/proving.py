"""That each declared capability of an adapter is real, and each other one is refused."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from chatops.errors import Exit, Unsupported
from chatops.layers.base import LayerAdapter
from chatops.model.capability import Capability
from chatops.model.residue import Fate
from chatops.testing.contract import Contract
from chatops.testing.elsewhere import Elsewhere
from chatops.testing.rehearsal import Rehearsal, first, skipped_unless

SAID = {"type": "trial", "text": "hi"}
EACH = pytest.mark.parametrize("capability", Capability, ids=lambda each: each.name.lower())

Proof = Callable[[Rehearsal, Elsewhere], Awaitable[None]]


async def _reaches_another_process(trial: Rehearsal, elsewhere: Elsewhere) -> None:
    group = trial.name("room")
    member = await elsewhere.call(trial.entry, "new_channel")
    await elsewhere.call(trial.entry, "group_add", group, member)
    await trial.adapter.group_send(group, SAID)

    got = await elsewhere.call(trial.entry, "receive", member, within=trial.patience)

    assert got == SAID


async def _lists_groups(trial: Rehearsal, _: Elsewhere) -> None:
    layer, group = trial.application(), trial.name("room")
    assert await trial.listed(group) is None
    member = await trial.member(layer, group)
    state = await trial.listed(group)
    await layer.group_discard(group, member)

    assert state is not None
    assert state.count == 1
    assert await trial.listed(group) is None


async def _names_members(trial: Rehearsal, _: Elsewhere) -> None:
    layer, group = trial.application(), trial.name("room")
    members = {await trial.member(layer, group) for _ in range(3)}

    found = [state async for state in trial.adapter.members(group)]

    assert {state.channel for state in found} == members
    assert all(state.channel.startswith(state.process) for state in found)


async def _prunes(trial: Rehearsal, elsewhere: Elsewhere) -> None:
    group = trial.name("room")
    ghost = await elsewhere.call(trial.entry, "new_channel")
    await elsewhere.call(trial.entry, "group_add", group, ghost)
    elsewhere.kill()
    trial.adapter.vouched = True  # both were built from one entry

    batches = [batch async for batch in trial.adapter.residue()]
    done = [each for batch in batches for each in await trial.adapter.remove(batch)]

    assert {(each.channel, each.fate) for each in done if each.group == group} == {
        (ghost, Fate.REMOVED)
    }
    assert [each async for batch in trial.adapter.residue() for each in batch] == []


PROOFS: Mapping[Capability, Proof] = {
    Capability.CROSS_PROCESS: _reaches_another_process,
    Capability.LIST_GROUPS: _lists_groups,
    Capability.LIST_MEMBERS: _names_members,
    Capability.PRUNE: _prunes,
}

ASKED: Mapping[Capability, Callable[[LayerAdapter], Any]] = {
    Capability.LIST_GROUPS: lambda adapter: adapter.groups(),
    Capability.LIST_MEMBERS: lambda adapter: adapter.members("chatops.trial"),
    Capability.PRUNE: lambda adapter: adapter.residue(),
}
"""How one asks for what may be missing; reaching another process is never refused by itself."""


class Proving(Contract):
    """Capabilities."""

    @EACH
    async def test_a_declared_capability_is_real(
        self, trial: Rehearsal, elsewhere: Elsewhere, capability: Capability
    ) -> None:
        skipped_unless(capability in trial.adapter.capabilities, "not declared")
        trial.adapter.require(capability)

        await PROOFS[capability](trial, elsewhere)

    @EACH
    async def test_an_undeclared_capability_is_refused(
        self, trial: Rehearsal, capability: Capability
    ) -> None:
        skipped_unless(capability not in trial.adapter.capabilities, "declared")
        with pytest.raises(Unsupported) as required:
            trial.adapter.require(capability)

        assert required.value.exit is Exit.CANNOT
        assert f"{trial.adapter} cannot {capability}." in str(required.value)
        if capability in ASKED:
            with pytest.raises(Unsupported):
                await first(lambda: ASKED[capability](trial.adapter))
