"""What a layer promises of its extensions, and of `flush` where it has that."""

import asyncio
from typing import Any

import pytest

from chatops.testing.contract import Contract
from chatops.testing.trial import Trial

METHODS = {"groups": ("group_add", "group_discard", "group_send"), "flush": ("flush",)}


def _needs_flush(layer: object) -> None:
    if "flush" not in getattr(layer, "extensions", ()):
        pytest.skip("this layer has no extension 'flush'")


async def _kept_by_flush(trial: Trial, layer: Any) -> object:  # noqa: ANN401 - no base
    """Return what a channel still gets of what was sent before a flush."""
    _needs_flush(layer)
    group = trial.name("room")
    member = await trial.member(layer, group)
    await layer.group_send(group, {"type": "old"})
    await layer.flush()
    waiting = asyncio.create_task(layer.receive(member))
    witness = await trial.member(layer, group)
    await layer.group_send(group, {"type": "new"})
    await trial.received(layer, witness)
    kept = waiting.done() and waiting.result()
    waiting.cancel()
    await asyncio.wait([waiting])
    return kept


class Flushing(Contract):
    """Extensions."""

    async def test_the_extensions_are_those_of_the_specification(self, trial: Trial) -> None:
        layer = trial.layer()

        assert "groups" in layer.extensions
        assert set(layer.extensions) <= set(METHODS)

    async def test_each_extension_has_its_methods(self, trial: Trial) -> None:
        layer = trial.layer()
        names = [name for extension in layer.extensions for name in METHODS.get(extension, ())]

        missing = [name for name in names if not callable(getattr(layer, name, None))]

        assert missing == []

    async def test_a_flushed_layer_can_be_used_again(self, trial: Trial) -> None:
        layer, group = trial.layer(), trial.name("room")
        _needs_flush(layer)
        await trial.member(layer, group)
        await layer.flush()
        member = await trial.member(layer, group)
        await layer.group_send(group, {"type": "trial"})

        assert await trial.received(layer, member) == {"type": "trial"}

    async def test_flush_removes_what_waits(self, trial: Trial) -> None:
        assert not await _kept_by_flush(trial, trial.layer())

    async def test_flush_takes_its_prefix_literally(self, trial: Trial) -> None:
        assert not await _kept_by_flush(trial, trial.layer(prefix=trial.name("trial-[ab]*")))

    async def test_flush_ends_memberships_for_every_client(self, trial: Trial) -> None:
        one, other = trial.pair()
        _needs_flush(one)
        trial.needs_others()
        group = trial.name("room")
        member = await trial.member(other, group)
        await one.flush()
        witness = await trial.member(one, group)
        await one.group_send(group, {"type": "trial"})
        await trial.received(one, witness)

        assert await trial.rest(other, member, group) == []

    async def test_two_prefixes_do_not_hear_one_another(self, trial: Trial) -> None:
        trial.needs_others()
        prefix = trial.name("trial")
        one, other = trial.layer(prefix=prefix), trial.layer(prefix=f"{prefix}-staging")
        group = trial.name("room")
        witness, member = await trial.member(one, group), await trial.member(other, group)
        await one.group_send(group, {"type": "trial"})
        await trial.received(one, witness)

        assert await trial.rest(other, member, group) == []

    async def test_flush_leaves_a_longer_prefix_alone(self, trial: Trial) -> None:
        trial.needs_others()
        prefix = trial.name("trial")
        one, other = trial.layer(prefix=prefix), trial.layer(prefix=f"{prefix}-staging")
        _needs_flush(one)
        group = trial.name("room")
        member = await trial.member(other, group)
        await one.flush()
        await other.group_send(group, {"type": "trial"})

        assert await trial.received(other, member) == {"type": "trial"}
