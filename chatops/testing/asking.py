"""That an adapter speaks the public interface of its layer, and errors that a user can act on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from chatops.errors import BadValue, ChatopsError, Exit
from chatops.layers.base import UNSERIALIZABLE
from chatops.model.capability import Capability
from chatops.testing.contract import Contract
from chatops.testing.rehearsal import Rehearsal, first, skipped_unless

Ask = Callable[[], Awaitable[object]]

SECRET = "secret"  # noqa: S105 - the password of a server that is not there


class Asking(Contract):
    """The public interface, errors and findings."""

    async def test_what_is_sent_comes_back(self, trial: Rehearsal) -> None:
        group, event = trial.name("room"), {"type": "trial", "list": [1, {"a": None}]}
        channel = await trial.adapter.new_channel()
        await trial.adapter.group_add(group, channel)
        dropped = await trial.adapter.group_send(group, event)
        got = await trial.adapter.receive(channel)
        await trial.adapter.group_discard(group, channel)

        assert got == event
        assert dropped == 0
        assert await trial.adapter.echo(event) == event

    async def test_what_does_not_come_is_none(self, trial: Rehearsal) -> None:
        channel = await trial.adapter.new_channel()

        assert await trial.adapter.receive(channel, 0.1) is None

    async def test_what_cannot_be_carried_is_told_as_such(self, trial: Rehearsal) -> None:
        event = {"type": "trial", "value": {1, 2}}
        try:
            back = await trial.adapter.echo(event)
        except UNSERIALIZABLE:
            return

        assert back == event

    async def test_an_invalid_group_is_refused_before_it_is_sent_to(self, trial: Rehearsal) -> None:
        for name in ("", "a b", "ä", "x" * 100, "a[b]"):
            with pytest.raises(BadValue):
                trial.adapter.check_group(name)

    async def test_an_adapter_can_be_closed_twice_and_unopened(self, trial: Rehearsal) -> None:
        unopened = trial.another()
        await trial.adapter.reach(trial.name("room"))
        for each in (trial.adapter, trial.adapter, unopened):
            await each.close()

    async def test_a_layer_says_which_it_is(self, trial: Rehearsal) -> None:
        assert trial.adapter.backend == trial.entry["BACKEND"]
        assert str(trial.adapter) == f"'default' ({trial.adapter.backend})"

    async def test_a_server_that_is_away_is_an_error_without_secrets(
        self, trial: Rehearsal, away: Mapping[str, Any] | None
    ) -> None:
        skipped_unless(away, "no fixture `away` for a server that is not there")
        adapter = trial.another(away)
        asked: list[Ask] = [
            lambda: adapter.group_send("room", {"type": "trial"}),
            lambda: adapter.send("specific!x", {"type": "trial"}),
        ]
        if Capability.LIST_GROUPS in adapter.capabilities:
            asked += [lambda: adapter.reach("room"), lambda: first(adapter.groups)]
        for ask in asked:
            with pytest.raises(ChatopsError) as caught:
                await ask()

            assert caught.value.exit is Exit.NO_ANSWER
            assert SECRET not in str(caught.value)

    async def test_the_settings_findings_need_no_server(self, trial: Rehearsal) -> None:
        found = [finding.id for finding in trial.adapter.settings_findings()]

        assert len(set(found)) == len(found)

    async def test_each_question_to_the_broker_is_answered_by_its_own_finding(
        self, trial: Rehearsal
    ) -> None:
        probes = trial.adapter.broker_probes()

        found = await asyncio.gather(*(probe() for probe in probes.values()))

        assert [finding.id for finding in found] == [rule.id for rule in probes]
