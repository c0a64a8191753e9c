"""Each sentence of the layer's contract can be false: for each there is a layer that breaks it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
import test_conformance

from chatops.errors import BrokenLayer
from chatops.testing import LayerContract
from chatops.testing.elsewhere import the_other_process
from chatops.testing.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatops.testing.elsewhere import Elsewhere

FAULTS = {
    "a_message_is_delivered_once": "Twice",
    "new_channels_differ_also_between_clients": "OneName",
    "the_names_of_new_channels_are_valid": "Spaces",
    "a_receiver_gets_what_is_sent_after_it_began_to_wait": "Impatient",
    "receivers_of_one_process_get_their_own_messages": "OneQueue",
    "what_came_for_another_channel_of_the_process_is_kept": "Forgetful",
    "a_channel_that_nobody_reads_may_be_sent_to": "Strict",
    "what_is_sent_to_a_channel_keeps_its_order": "Stack",
    "each_member_hears_it_in_order": "Stack",
    "each_member_hears_what_is_sent_to_the_group": "FirstOnly",
    "a_group_of_nobody_may_be_sent_to": "Lonely",
    "who_was_added_twice_hears_once": "Multiset",
    "who_was_added_twice_is_gone_when_discarded_once": "Multiset",
    "who_was_discarded_hears_no_more": "Sticky",
    "who_was_discarded_may_come_back": "Unforgiving",
    "the_last_member_may_leave_and_another_come": "Closing",
    "who_is_not_in_a_group_may_be_discarded": "Picky",
    "groups_with_names_alike_are_apart": "ByPrefix",
    "a_channel_and_a_group_of_one_name_are_apart": "OneNamespace",
    "one_channel_may_be_in_many_groups": "Leaver",
    "a_channel_that_was_read_takes_messages_again": "Counting",
    "a_full_member_keeps_nothing_from_the_others": "AllOrNobody",
    "a_valid_name_of_a_group_works": "Narrow",
    "a_message_of_a_megabyte_arrives": "Small",
    "sending_leaves_the_senders_message_alone": "Marking",
    "what_the_sender_changes_afterwards_does_not_arrive": "Aliasing",
    "what_one_member_changes_does_not_reach_another": "Aliasing",
    "a_message_comes_back_as_it_was": "Stringly",
    "a_message_that_cannot_be_carried_leaves_the_channel_usable": "Poisoned",
    "the_extensions_are_those_of_the_specification": "Magic",
    "each_extension_has_its_methods": "Methodless",
    "a_flushed_layer_can_be_used_again": "OnceFlushed",
    "flush_removes_what_waits": "Unflushed",
    "another_thread_may_send_from_an_event_loop_of_its_own": "OneLoop",
    "one_object_serves_event_loops_one_after_the_other": "OneLoop",
}
SHARED = {
    "two_prefixes_do_not_hear_one_another": "Everywhere",
    "a_client_discards_its_own_member_alone": "Dissolving",
    "a_group_spans_the_clients_of_a_backend": "Layer",
    "a_group_reaches_a_member_in_another_process": "Layer",
    "what_another_process_sends_to_a_group_arrives_here": "Layer",
}
"""Faults of layers that say they are shared."""

FOUND = (AssertionError, LookupError, RuntimeError, TypeError, AttributeError, BrokenLayer)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    process = the_other_process()
    yield process
    process.forget()


def sentences() -> set[str]:
    return {name.removeprefix("test_") for name in dir(LayerContract) if name.startswith("test_")}


@pytest.mark.parametrize(("sentence", "layer"), [*FAULTS.items(), *SHARED.items()])
def test_the_contract_finds_the_fault(sentence: str, layer: str, elsewhere: Elsewhere) -> None:
    backend = {"BACKEND": f"faulty_layers.{layer}"}
    trial = Trial(backend, shared=sentence in SHARED, sharded=False, known=True)
    trial.patience = 0.3
    test = getattr(LayerContract(), f"test_{sentence}")
    given: dict[str, Any] = {"trial": trial, "elsewhere": elsewhere, "value": 5}
    taken = inspect.signature(test).parameters

    with pytest.raises(FOUND):
        test(**{name: given[name] for name in taken})


def test_each_sentence_was_seen_false() -> None:
    contracts = [each for each in vars(test_conformance).values() if inspect.isclass(each)]
    known = {name for each in contracts for name in getattr(each, "expected", ())}
    seen = FAULTS.keys() | SHARED.keys() | {name.partition("[")[0] for name in known}

    assert sentences() == seen
