"""What a layer promises of groups: members hear, and nobody else does."""

from chatops.testing.contract import Contract
from chatops.testing.trial import Trial, numbered, tell

SAID = {"type": "trial", "text": "hi"}


class Grouping(Contract):
    """Groups."""

    async def test_each_member_hears_what_is_sent_to_the_group(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        members = [await trial.member(layer, group) for _ in range(3)]
        await layer.group_send(group, SAID)

        assert [await trial.received(layer, member) for member in members] == [SAID] * 3

    async def test_each_member_hears_it_in_order(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        members = [await trial.member(layer, group) for _ in range(2)]
        await tell(layer, group, numbered(40))

        for member in members:
            assert await trial.several(layer, member, 40) == numbered(40)

    async def test_a_group_of_nobody_may_be_sent_to(self, trial: Trial) -> None:
        layer = trial.layer()

        assert await layer.group_send(trial.name("nobody"), SAID) is None

    async def test_who_was_added_twice_hears_once(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        await layer.group_add(group, member)
        await layer.group_send(group, SAID)

        assert await trial.received(layer, member) == SAID
        assert await trial.rest(layer, member, group) == []

    async def test_who_was_added_twice_is_gone_when_discarded_once(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member, witness = await trial.member(layer, group), await trial.member(layer, group)
        await layer.group_add(group, member)
        await layer.group_discard(group, member)
        await layer.group_send(group, SAID)
        await trial.received(layer, witness)

        assert await trial.rest(layer, member, group) == []

    async def test_who_was_discarded_hears_no_more(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member, witness = await trial.member(layer, group), await trial.member(layer, group)
        await layer.group_discard(group, member)
        await layer.group_send(group, SAID)

        assert await trial.received(layer, witness) == SAID
        assert await trial.rest(layer, member, group) == []

    async def test_who_was_discarded_may_come_back(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        await layer.group_discard(group, member)
        await layer.group_add(group, member)
        await layer.group_send(group, SAID)

        assert await trial.received(layer, member) == SAID

    async def test_the_last_member_may_leave_and_another_come(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        await layer.group_discard(group, await trial.member(layer, group))
        other = await trial.member(layer, group)
        await layer.group_send(group, SAID)

        assert await trial.received(layer, other) == SAID

    async def test_who_is_not_in_a_group_may_be_discarded(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member, stranger = await trial.member(layer, group), await layer.new_channel()
        await layer.group_discard(group, stranger)
        await layer.group_discard(trial.name("nobody"), stranger)
        await layer.group_send(group, SAID)

        assert await trial.received(layer, member) == SAID

    async def test_groups_with_names_alike_are_apart(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        witness = await trial.member(layer, group)
        alike = (f"{group}1", f"{group}.", group[:-1], group.upper(), group.replace(".", "-"))
        others = {name: await trial.member(layer, name) for name in alike}
        await layer.group_send(group, SAID)
        await trial.received(layer, witness)

        heard = [name for name, member in others.items() if await trial.rest(layer, member, name)]

        assert heard == []

    async def test_a_channel_and_a_group_of_one_name_are_apart(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        await layer.send(group, SAID)

        assert await trial.rest(layer, member, group) == []

    async def test_one_channel_may_be_in_many_groups(self, trial: Trial) -> None:
        layer = trial.layer()
        groups = [trial.name(f"room{number}") for number in range(3)]
        member = await trial.member(layer, groups[0])
        witness = await trial.member(layer, groups[1])
        for group in groups[1:]:
            await layer.group_add(group, member)
        await layer.group_discard(groups[1], member)
        for group in groups:
            await layer.group_send(group, {"type": "trial", "group": group})
        await trial.received(layer, witness)

        got = {(await trial.received(layer, member))["group"] for _ in range(2)}

        assert got == {groups[0], groups[2]}
        assert await trial.rest(layer, member, groups[1]) == []
