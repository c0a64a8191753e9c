"""What a layer promises when nobody reads: channels are bounded, and all ends some day."""

import asyncio

import pytest
from channels.exceptions import ChannelFull

from chatops.testing.contract import Contract
from chatops.testing.trial import Trial, numbered, tell

EXPIRED = 1.3
"""Seconds after which what expires in one second is gone."""


class Limits(Contract):
    """Capacity and expiry, for layers that take the options."""

    async def test_a_full_channel_refuses_by_channel_full(self, trial: Trial) -> None:
        layer = trial.layer(capacity=3)
        channel = await layer.new_channel()
        for message in numbered(3):
            await layer.send(channel, message)

        with pytest.raises(ChannelFull):
            await layer.send(channel, {"type": "too much"})

    async def test_a_full_channel_drops_what_is_sent_to_its_group(self, trial: Trial) -> None:
        layer, group = trial.layer(capacity=3), trial.name("room")
        member = await trial.member(layer, group)
        await tell(layer, group, numbered(5))

        assert await trial.several(layer, member, 3) == numbered(3)
        assert await trial.rest(layer, member, group) == []

    async def test_a_channel_that_was_read_takes_messages_again(self, trial: Trial) -> None:
        layer, group = trial.layer(capacity=3), trial.name("room")
        member = await trial.member(layer, group)
        for _ in range(3):
            await tell(layer, group, numbered(3))

            assert await trial.several(layer, member, 3) == numbered(3)

    async def test_a_full_member_keeps_nothing_from_the_others(self, trial: Trial) -> None:
        one, other = trial.pair(capacity=3)
        group = trial.name("room")
        await trial.member(one, group)
        reader = await trial.member(other, group)
        for _ in range(2):
            await tell(one, group, numbered(3))

            assert await trial.several(other, reader, 3) == numbered(3)

    async def test_the_channels_of_a_process_share_their_capacity(self, trial: Trial) -> None:
        layer, group, second = trial.layer(capacity=2), trial.name("room"), trial.name("second")
        member, neighbour = await trial.member(layer, group), await trial.member(layer, second)
        await tell(layer, group, numbered(2))
        await layer.group_send(second, {"type": "one more"})

        assert await trial.several(layer, member, 2) == numbered(2)
        assert await trial.rest(layer, neighbour, second) == []

    async def test_capacity_may_depend_on_the_channels_name(self, trial: Trial) -> None:
        layer = trial.layer(capacity=50, channel_capacity={"*": 1})
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "trial"})

        with pytest.raises(ChannelFull):
            await layer.send(channel, {"type": "too much"})

    async def test_a_message_that_nobody_read_expires(self, trial: Trial) -> None:
        layer, group = trial.layer(expiry=1), trial.name("room")
        member = await trial.member(layer, group)
        await layer.group_send(group, {"type": "old"})
        await asyncio.sleep(EXPIRED)
        await layer.group_send(trial.name("nobody"), {"type": "for layers that clean up now"})

        assert await trial.rest(layer, member, group) == []

    async def test_a_membership_expires(self, trial: Trial) -> None:
        layer, group = trial.layer(group_expiry=1), trial.name("room")
        member = await trial.member(layer, group)
        latest = asyncio.get_running_loop().time() + 1 + trial.patience
        heard = True
        while heard and asyncio.get_running_loop().time() < latest:
            await asyncio.sleep(0.3)  # the pause of a poll
            witness = await trial.member(layer, group)
            await layer.group_send(group, {"type": "trial"})
            await trial.received(layer, witness)
            await layer.group_discard(group, witness)
            heard = bool(await trial.rest(layer, member, trial.name("end")))

        assert not heard

    async def test_the_expiry_of_memberships_is_told(self, trial: Trial) -> None:
        assert trial.layer(group_expiry=77).group_expiry == 77
