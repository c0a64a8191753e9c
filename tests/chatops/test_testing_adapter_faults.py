"""Each sentence of the adapter's contract can be false: for each there is an adapter."""

# ruff: noqa: ARG002 - the names are those of the interface

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from chatops.errors import ChatopsError
from chatops.layers.memory import MemoryAdapter
from chatops.model.capability import Capability
from chatops.model.member import Life, MemberState
from chatops.model.room import GroupState, Reach, Unit
from chatops.model.rules.settings import IDLE, PROCESSES
from chatops.testing import AdapterContract
from chatops.testing.elsewhere import the_other_process
from chatops.testing.rehearsal import Rehearsal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from chatops.layers.base import LayerAdapter
    from chatops.model.watched import Watched
    from chatops.testing.elsewhere import Elsewhere

FOUND = (AssertionError, AttributeError, ChatopsError, RuntimeError)
ENTRY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
LEFT: list[str] = []


class Boaster(MemoryAdapter):
    """Declares all, and can do what its base can."""

    capabilities: ClassVar = frozenset(Capability)

    async def groups(self, wanted: object = None) -> AsyncIterator[GroupState]:
        for state in ():
            yield state

    async def members(self, group: str) -> AsyncIterator[MemberState]:
        yield MemberState(channel=group, process="x", since=None, life=Life.ALIVE)


class Meek(MemoryAdapter):
    """Declares nothing, and does it."""

    capabilities: ClassVar = frozenset()


class Constant(MemoryAdapter):
    async def reach(self, group: str) -> Reach:
        return Reach(count=1, unit=Unit.MEMBERS)


class ByPrefix(MemoryAdapter):
    async def reach(self, group: str) -> Reach:
        members = [each for name in self.layer.groups if name[:4] == group[:4] for each in name]
        return Reach(count=len(members), unit=Unit.MEMBERS)


class OneMore(MemoryAdapter):
    async def groups(self, wanted: object = None) -> AsyncIterator[GroupState]:
        for group, members in self.layer.groups.items():
            yield GroupState(group=group, count=len(members) + 1, unit=Unit.MEMBERS)


class Joining(MemoryAdapter):
    async def reach(self, group: str) -> Reach:
        await self.layer.group_add(group, await self.layer.new_channel())
        return await super().reach(group)


class Echoing(MemoryAdapter):
    async def received(self, channel: str) -> Any:
        async for batch in super().received(channel):
            yield [*batch, *batch]


class Jealous(MemoryAdapter):
    def listen(self, watched: Watched) -> Any:
        for group in watched.groups:
            self.layer.groups.pop(group, None)
        return super().listen(watched)


class Littering(MemoryAdapter):
    async def close(self) -> None:
        LEFT.append("litter")


class Guessing(MemoryAdapter):
    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        return await super().group_send(group, event) + 1

    async def receive(self, channel: str, patience: float = 5) -> dict[str, Any]:
        return await super().receive(channel, patience) or {}

    async def echo(self, event: dict[str, Any]) -> dict[str, Any]:
        return {"type": event["type"]}

    def check_group(self, group: str) -> None:
        pass

    def __str__(self) -> str:
        return "a layer"

    def settings_findings(self) -> Any:
        return [PROCESSES.ok("once"), PROCESSES.ok("twice")]

    def broker_probes(self) -> Any:
        async def probe() -> object:
            return IDLE.ok("another's")

        return {PROCESSES: probe}


class CloseOnce(MemoryAdapter):
    async def close(self) -> None:
        self._layer.channels.clear()
        self._layer = None


class Blabbing(MemoryAdapter):
    async def group_send(self, group: str, event: dict[str, Any]) -> int:
        raise RuntimeError("no answer from redis://ann:secret@h")


FAULTS: list[tuple[str, type[LayerAdapter], Capability | None]] = [
    *(("a_declared_capability_is_real", Boaster, each) for each in Capability),
    ("an_undeclared_capability_is_refused", Meek, Capability.LIST_GROUPS),
    ("reach_counts_in_its_unit_or_is_never_known", Constant, None),
    ("reach_and_the_list_agree", OneMore, None),
    ("who_left_is_counted_no_more", Constant, None),
    ("groups_with_names_alike_are_counted_apart", ByPrefix, None),
    ("a_look_changes_no_count", Joining, None),
    ("a_listener_gets_what_is_sent_to_its_group_from_then_on", Echoing, None),
    ("a_member_misses_nothing_because_of_a_listener", Jealous, None),
    ("nothing_is_left_behind_when_the_loop_ends", Littering, None),
    ("what_is_sent_comes_back", Guessing, None),
    ("what_does_not_come_is_none", Guessing, None),
    ("what_cannot_be_carried_is_told_as_such", Guessing, None),
    ("an_invalid_group_is_refused_before_it_is_sent_to", Guessing, None),
    ("a_layer_says_which_it_is", Guessing, None),
    ("the_settings_findings_need_no_server", Guessing, None),
    ("each_question_to_the_broker_is_answered_by_its_own_finding", Guessing, None),
    ("an_adapter_can_be_closed_twice_and_unopened", CloseOnce, None),
    ("a_server_that_is_away_is_an_error_without_secrets", Blabbing, None),
]


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    process = the_other_process()
    yield process
    process.forget()


@pytest.mark.parametrize(("sentence", "kind", "capability"), FAULTS)
def test_the_contract_finds_the_fault(
    sentence: str, kind: type[LayerAdapter], capability: Capability | None, elsewhere: Elsewhere
) -> None:
    trial = Rehearsal(ENTRY, lambda alias: kind(alias, ENTRY["BACKEND"]), shared=False)
    trial.patience = 0.3
    test = getattr(AdapterContract(), f"test_{sentence}")
    given: dict[str, Any] = {"trial": trial, "elsewhere": elsewhere, "capability": capability}
    given |= {"left": lambda: list(LEFT), "away": ENTRY}
    parameters = inspect.signature(test).parameters

    with pytest.raises((*FOUND, pytest.fail.Exception)):
        test(**{name: given[name] for name in parameters})


def test_each_sentence_was_seen_false() -> None:
    names = {name.removeprefix("test_") for name in dir(AdapterContract) if name[:5] == "test_"}

    assert names == {sentence for sentence, _, _ in FAULTS}
