"""What a layer promises of normal channels: any of their readers gets what is sent, one gets it."""

import asyncio
from typing import Any

from chatops.testing.contract import Contract
from chatops.testing.trial import Message, Trial, numbered


class Working(Contract):
    """Channels that no process owns, as workers read them."""

    async def test_what_is_sent_to_a_normal_channel_waits_for_its_reader(
        self, trial: Trial
    ) -> None:
        trial.needs_normal_channels()
        layer, channel = trial.layer(), trial.name("tasks")
        await layer.send(channel, {"type": "trial"})

        assert await trial.received(layer, channel) == {"type": "trial"}

    async def test_a_message_on_a_normal_channel_has_one_reader(self, trial: Trial) -> None:
        trial.needs_normal_channels()
        channel, seen = trial.name("tasks"), list[tuple[int, Message]]()

        async def read(reader: int, layer: Any) -> None:  # noqa: ANN401
            while True:
                seen.append((reader, await layer.receive(channel)))

        async def until_both_got(message: Message) -> None:
            async with asyncio.timeout(trial.patience):
                while {reader for reader, got in seen if got == message} != {0, 1}:
                    await pair[0].send(channel, message)
                    await asyncio.sleep(0.02)  # the pause of a poll

        pair = trial.pair()
        readers = [asyncio.create_task(read(*each)) for each in enumerate(pair)]
        try:
            await until_both_got({"type": "begin"})
            for message in numbered(6):
                await pair[0].send(channel, message)
            await until_both_got({"type": "end"})
        finally:
            for task in readers:
                task.cancel()
            await asyncio.wait(readers)
        got = [message["number"] for _, message in seen if "number" in message]

        assert sorted(got) == list(range(6))
