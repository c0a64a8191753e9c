"""That an adapter's looks are true, each in its unit, and change nothing."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from chatops.model.capability import Capability
from chatops.model.message import Arrival
from chatops.model.room import Unit
from chatops.model.watched import Watched
from chatops.testing.contract import Contract
from chatops.testing.rehearsal import Rehearsal, skipped_unless
from chatops.testing.trial import PATIENCE, numbered, tell


class Looking(Contract):
    """Reach, groups and listening."""

    listens_unseen: ClassVar[bool] = True
    """Whether who listens is not counted, as who joins to listen is."""

    async def test_reach_counts_in_its_unit_or_is_never_known(self, trial: Rehearsal) -> None:
        layer, group = trial.application(), trial.name("room")
        before = await trial.adapter.reach(group)
        for _ in range(3):
            await trial.member(layer, group)
        after = await trial.adapter.reach(group)

        if before is None or after is None:
            assert before is after
        else:
            assert before.unit is after.unit
            assert before.count == 0
            assert after.count == (1 if after.unit is Unit.PROCESSES else 3)

    async def test_reach_and_the_list_agree(self, trial: Rehearsal) -> None:
        skipped_unless(Capability.LIST_GROUPS in trial.adapter.capabilities, "no list")
        layer, group = trial.application(), trial.name("room")
        for _ in range(2):
            await trial.member(layer, group)

        state, reach = await trial.listed(group), await trial.adapter.reach(group)

        assert state is not None
        assert reach is None or (state.count, state.unit) == (reach.count, reach.unit)

    async def test_who_left_is_counted_no_more(self, trial: Rehearsal) -> None:
        layer, group = trial.application(), trial.name("room")
        member = await trial.member(layer, group)
        await layer.group_discard(group, member)

        reach = await trial.adapter.reach(group)

        assert reach is None or reach.count == 0

    async def test_groups_with_names_alike_are_counted_apart(self, trial: Rehearsal) -> None:
        layer, group = trial.application(), trial.name("room")
        for name in (f"{group}1", group[:-1], group.upper()):
            await trial.member(layer, name)

        reach = await trial.adapter.reach(group)

        assert reach is None or reach.count == 0

    async def test_a_look_changes_no_count(self, trial: Rehearsal) -> None:
        layer, group, empty = trial.application(), trial.name("room"), trial.name("empty")
        await trial.member(layer, group)
        lists = Capability.LIST_GROUPS in trial.adapter.capabilities

        async def counts() -> list[object]:
            found: list[object] = [await trial.adapter.reach(name) for name in (group, empty)]
            if lists:
                states = [state async for state in trial.adapter.groups()]
                found += [state for state in states if state.group in (group, empty)]
            return found

        before = await counts()
        async with trial.adapter.listen(Watched(groups=(group,))):
            during = await counts()
        after = await counts()

        assert before == after
        if self.listens_unseen:
            assert before == during

    async def test_a_listener_gets_what_is_sent_to_its_group_from_then_on(
        self, trial: Rehearsal
    ) -> None:
        layer, group = trial.application(), trial.name("room")
        await layer.group_send(group, {"type": "before"})
        got: list[dict[str, Any]] = []
        async with (
            trial.adapter.listen(Watched(groups=(group,))) as arrivals,
            asyncio.timeout(PATIENCE),
        ):
            await layer.group_send(f"{group}1", {"type": "another's"})
            await tell(layer, group, numbered(5))
            async for batch in arrivals:
                got += [each.body for each in batch if isinstance(each, Arrival)]
                if len(got) >= 5:
                    break

        assert got == numbered(5)

    async def test_a_member_misses_nothing_because_of_a_listener(self, trial: Rehearsal) -> None:
        layer, group = trial.application(), trial.name("room")
        member = await trial.member(layer, group)
        async with trial.adapter.listen(Watched(groups=(group,))):
            await tell(layer, group, numbered(20))

            assert await trial.several(layer, member, 20) == numbered(20)

    def test_nothing_is_left_behind_when_the_loop_ends(
        self, trial: Rehearsal, left: Callable[[], object] | None
    ) -> None:
        if left is None:
            pytest.skip("no fixture `left` that says what is on the server")
        before = left()

        asyncio.run(_use(trial))

        assert left() == before


async def _use(trial: Rehearsal) -> None:
    """Do all that a command does, as commands do it, and close the adapter."""
    group, event = trial.name("room"), {"type": "trial"}
    async with trial as opened:
        adapter = opened.adapter
        async with adapter.listen(Watched(groups=(group,))):
            await adapter.group_send(group, event)
        channel = await adapter.new_channel()
        await adapter.group_add(group, channel, lease=30)
        await adapter.group_send(group, event)
        await adapter.receive(channel)
        await adapter.send(channel, event)
        await adapter.echo(event)
        await adapter.group_discard(group, channel)
