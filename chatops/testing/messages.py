"""What a layer promises of messages: they arrive as they were sent."""

import copy
from contextlib import suppress
from typing import Any

import pytest

from chatops.errors import BadValue, foreign
from chatops.testing.contract import Contract
from chatops.testing.trial import Trial

VALUES: dict[str, Any] = {
    "text": "Grüße 你好 🎈 \u202e \x00",
    "empty": ["", [], {}, None],
    "integers": [0, -1, 2**63 - 1, -(2**63)],
    "floats": [0.1, -1e300, 5e-324],
    "booleans": [True, False],
    "nested": {"a": [{"b": [1, {"c": [None, "d"]}]}]},
    "bytes": b"\x00\xff bytes",
}

NO_MESSAGES: tuple[Any, ...] = (["a", "list"], "text", None, 5)

REFUSALS = (TypeError, ValueError, AssertionError, AttributeError)
"""What the specification leaves open: how a message that is none is refused."""


class Messages(Contract):
    """Messages."""

    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
    async def test_a_message_comes_back_as_it_was(self, trial: Trial, value: object) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        await layer.group_send(group, {"type": "trial", "value": value})

        got = await trial.received(layer, member)

        assert got == {"type": "trial", "value": value}
        assert type(got["value"]) is type(value)

    async def test_a_message_of_a_megabyte_arrives(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        message = {"type": "trial", "text": "x" * 1_000_000}
        await layer.group_send(group, message)

        assert await trial.received(layer, member) == message

    async def test_sending_leaves_the_senders_message_alone(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        message = {"type": "trial", "list": [1, {"a": 2}]}
        before = copy.deepcopy(message)
        await trial.member(layer, group)
        await layer.group_send(group, message)
        await layer.send(await layer.new_channel(), message)

        assert message == before

    async def test_what_the_sender_changes_afterwards_does_not_arrive(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        message: dict[str, Any] = {"type": "trial", "list": [1]}
        await layer.group_send(group, message)
        message["list"].append(2)
        message["more"] = True

        assert await trial.received(layer, member) == {"type": "trial", "list": [1]}

    async def test_what_one_member_changes_does_not_reach_another(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        first, second = await trial.member(layer, group), await trial.member(layer, group)
        await layer.group_send(group, {"type": "trial", "list": [1]})
        (await trial.received(layer, first))["list"].append(2)

        assert await trial.received(layer, second) == {"type": "trial", "list": [1]}

    async def test_what_is_no_dict_cannot_be_sent_to_a_channel(self, trial: Trial) -> None:
        layer = trial.layer()
        channel = await layer.new_channel()
        for message in NO_MESSAGES:
            with pytest.raises(REFUSALS):
                await layer.send(channel, message)

    async def test_what_is_no_dict_cannot_be_sent_to_a_group(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        await trial.member(layer, group)
        for message in NO_MESSAGES:
            with pytest.raises(REFUSALS):
                await layer.group_send(group, message)

    async def test_a_message_that_cannot_be_carried_leaves_the_channel_usable(
        self, trial: Trial
    ) -> None:
        layer, group = trial.layer(), trial.name("room")
        member = await trial.member(layer, group)
        with suppress(BadValue), foreign(BadValue, "refused"):
            await layer.group_send(group, {"type": "trial", "value": object()})
        await layer.group_send(group, {"type": "after"})

        assert {"type": "after"} in await trial.rest(layer, member, group)
