"""What a layer promises of a process's channels: what is sent arrives, once and in order."""

import asyncio

from chatops.testing.contract import Contract
from chatops.testing.trial import Trial, numbered, tell

CHANNELS = 16
"""Channels at once: enough that a layer of several hosts uses them all."""


async def _progress(rounds: int) -> None:
    for _ in range(rounds):
        await asyncio.sleep(0)


class Sending(Contract):
    """Channels of one process, as each consumer has one."""

    async def test_what_is_sent_to_a_channel_arrives_there(self, trial: Trial) -> None:
        layer = trial.layer()
        channels = [await layer.new_channel() for _ in range(CHANNELS)]
        for channel in channels:
            await layer.send(channel, {"type": "trial", "to": channel})

        got = await asyncio.gather(*(trial.received(layer, channel) for channel in channels))

        assert [message["to"] for message in got] == channels

    async def test_what_is_sent_to_a_channel_keeps_its_order(self, trial: Trial) -> None:
        layer = trial.layer()
        channels = [await layer.new_channel() for _ in range(CHANNELS)]
        for channel in channels:
            for message in numbered(5):
                await layer.send(channel, message)

        got = await asyncio.gather(*(trial.several(layer, channel, 5) for channel in channels))

        assert got == [numbered(5)] * CHANNELS

    async def test_a_message_is_delivered_once(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        channel = await trial.member(layer, group)
        await layer.group_send(group, {"type": "trial"})

        assert await trial.received(layer, channel) == {"type": "trial"}
        assert await trial.rest(layer, channel, group) == []

    async def test_a_new_channel_is_process_specific(self, trial: Trial) -> None:
        name = await trial.layer().new_channel()

        assert name.count("!") == 1

    async def test_new_channels_differ_also_between_clients(self, trial: Trial) -> None:
        names = [await layer.new_channel() for layer in trial.pair() for _ in range(20)]

        assert len(set(names)) == len(names)

    async def test_a_receiver_gets_what_is_sent_after_it_began_to_wait(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        channel = await trial.member(layer, group)
        waiting = asyncio.create_task(trial.received(layer, channel))
        await _progress(10)
        await layer.group_send(group, {"type": "trial"})

        assert await waiting == {"type": "trial"}

    async def test_receivers_of_one_process_get_their_own_messages(self, trial: Trial) -> None:
        layer = trial.layer()
        groups = [trial.name(f"room{number}") for number in range(5)]
        channels = [await trial.member(layer, group) for group in groups]
        waiting = [asyncio.create_task(trial.received(layer, channel)) for channel in channels]
        for group in reversed(groups):
            await layer.group_send(group, {"type": "trial", "group": group})

        got = await asyncio.gather(*waiting)

        assert [message["group"] for message in got] == groups

    async def test_what_came_for_another_channel_of_the_process_is_kept(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        first, second = await trial.member(layer, group), await trial.member(layer, group)
        await tell(layer, group, numbered(3))

        assert await trial.several(layer, second, 3) == numbered(3)
        assert await trial.several(layer, first, 3) == numbered(3)

    async def test_a_cancelled_receive_loses_nothing_that_comes_later(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        channel, witness = await trial.member(layer, group), await trial.member(layer, group)
        waiting = asyncio.create_task(layer.receive(channel))
        await _progress(10)
        waiting.cancel()
        await asyncio.wait([waiting])
        await layer.group_send(group, {"type": "trial"})
        await trial.received(layer, witness)

        assert await trial.received(layer, channel) == {"type": "trial"}

    async def test_a_receive_that_is_cancelled_as_its_message_comes_loses_nothing(
        self, trial: Trial
    ) -> None:
        layer, group = trial.layer(), trial.name("room")
        first, second = await trial.member(layer, group), await trial.member(layer, group)
        lost = []
        for rounds in range(6):
            await layer.group_add(group, first)
            reader = asyncio.create_task(layer.receive(second))
            await _progress(3)
            cancelled = asyncio.create_task(layer.receive(first))
            await layer.group_send(group, {"type": "trial", "number": rounds})
            await asyncio.wait([reader], timeout=trial.patience)
            await _progress(rounds)
            cancelled.cancel()
            await asyncio.wait([cancelled])
            if cancelled.cancelled() and not await trial.rest(layer, first, group):
                lost.append(rounds)

        assert lost == []

    async def test_a_channel_that_nobody_reads_may_be_sent_to(self, trial: Trial) -> None:
        one, other = trial.pair()

        await one.send(await other.new_channel(), {"type": "trial"})
