"""What a layer promises beyond one object: clients, processes, threads and event loops."""

import asyncio
from typing import Any

from chatops.testing.contract import Contract
from chatops.testing.elsewhere import Elsewhere
from chatops.testing.trial import Trial

SAID = {"type": "trial", "text": "hi"}
CHANNELS = 16


async def _exchange(trial: Trial, layer: Any) -> None:  # noqa: ANN401 - layers share no base
    """Join, send and receive, all in this event loop."""
    group = trial.name("room")
    member = await trial.member(layer, group)
    await layer.group_send(group, SAID)
    assert await trial.received(layer, member) == SAID
    await layer.group_discard(group, member)


class Sharing(Contract):
    """More than one user of a layer."""

    async def test_a_group_spans_the_clients_of_a_backend(self, trial: Trial) -> None:
        trial.needs_others()
        clients = [*trial.pair(), trial.layer()]
        group = trial.name("room")
        members = [await trial.member(client, group) for client in clients]
        await clients[0].group_send(group, SAID)

        for client, member in zip(clients, members, strict=True):
            assert await trial.received(client, member) == SAID

    async def test_a_client_discards_its_own_member_alone(self, trial: Trial) -> None:
        trial.needs_others()
        one, other = trial.pair()
        group = trial.name("room")
        leaving, staying = await trial.member(one, group), await trial.member(other, group)
        await one.group_discard(group, leaving)
        await one.group_send(group, SAID)

        assert await trial.received(other, staying) == SAID
        assert await trial.rest(one, leaving, group) == []

    async def test_a_group_reaches_a_member_in_another_process(
        self, trial: Trial, elsewhere: Elsewhere
    ) -> None:
        trial.needs_others()
        layer, group, entry = trial.layer(), trial.name("room"), trial.entry
        member = await elsewhere.call(entry, "new_channel")
        await elsewhere.call(entry, "group_add", group, member)
        await layer.group_send(group, SAID)

        got = await elsewhere.call(entry, "receive", member, within=trial.patience)

        assert got == SAID

    async def test_what_another_process_sends_to_a_group_arrives_here(
        self, trial: Trial, elsewhere: Elsewhere
    ) -> None:
        trial.needs_others()
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        await elsewhere.call(trial.entry, "group_send", group, SAID)

        assert await trial.received(layer, member) == SAID

    async def test_what_another_process_sends_to_a_channel_arrives_there(
        self, trial: Trial, elsewhere: Elsewhere
    ) -> None:
        trial.needs_others()
        layer = trial.layer()
        channels = [await layer.new_channel() for _ in range(CHANNELS)]
        for channel in channels:
            await elsewhere.call(trial.entry, "send", channel, {"type": "trial", "to": channel})

        got = await asyncio.gather(*(trial.received(layer, channel) for channel in channels))

        assert [message["to"] for message in got] == channels

    async def test_another_thread_may_send_from_an_event_loop_of_its_own(
        self, trial: Trial
    ) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)

        async def send() -> None:
            await layer.group_send(group, SAID)

        await asyncio.to_thread(lambda: asyncio.run(send()))

        assert await trial.received(layer, member) == SAID

    def test_one_object_serves_event_loops_one_after_the_other(self, trial: Trial) -> None:
        layer = trial.layer()

        async def last() -> None:
            async with trial:
                await _exchange(trial, layer)

        asyncio.run(_exchange(trial, layer))
        asyncio.run(last())
