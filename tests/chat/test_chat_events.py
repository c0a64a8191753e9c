"""Events of other people's code, read with forgiveness."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import events
from chat.flood import BURST, PATIENCE, PER_SECOND, Flood

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["text", "message", "name", "guest", "ref", "id", "at", "level", "from"])


@given(st.dictionaries(FIELDS, VALUES))
def test_any_event_becomes_a_frame_with_a_text_or_nothing(event: dict[str, Any]) -> None:
    message, system = events.Message.read(event), events.System.read(event)

    assert message is None or json.loads(json.dumps(message.frame("somebody")))["message"]
    assert system is None or json.loads(json.dumps(system.frame()))["message"]


def test_a_message_survives_its_way_through_the_layer() -> None:
    said = events.Message(
        text="hi", name="Ada", guest=False, ref="r1", id=events.id_of("ada", "r1")
    )

    read = events.Message.read(said.event())

    assert read is not None
    assert read.frame("ada") == said.frame("ada") | {"at": read.at}
    assert (read.frame("ada")["ref"], read.frame("eve")["ref"]) == ("r1", None)


@pytest.mark.parametrize("ref", ["r1", "\ud800", 7, None])
def test_a_foreign_event_gives_nobody_a_ref(ref: object) -> None:
    read = events.Message.read({"text": "x", "ref": ref, "id": "ada"})

    assert read is not None
    assert read.frame("ada")["ref"] is None


def test_a_message_without_a_name_is_from_unknown() -> None:
    read = events.Message.read({"type": "chat.message", "message": "hello"})

    assert read is not None
    assert (read.name, read.guest, read.text) == ("unknown", True, "hello")


@pytest.mark.parametrize("level", ["loud", 3, None, ["info"]])
def test_a_level_that_does_not_exist_is_information(level: object) -> None:
    read = events.System.read({"text": "x", "level": level})

    assert read is not None
    assert read.level == "info"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_socket_may_burst_and_then_speak_at_the_steady_rate() -> None:
    clock = Clock()
    flood = Flood(clock)

    burst = [flood.allow() for _ in range(BURST + 1)]
    clock.now += 1
    second = [flood.allow() for _ in range(int(PER_SECOND) + 1)]

    assert burst == [True] * BURST + [False]
    assert second == [True] * int(PER_SECOND) + [False]


def test_only_refusals_in_a_row_are_hopeless() -> None:
    clock = Clock()
    flood = Flood(clock)
    for _ in range(BURST + PATIENCE):
        flood.allow()
    before = flood.hopeless

    flood.allow()
    after = flood.hopeless
    clock.now += 1
    flood.allow()

    assert (before, after, flood.hopeless) == (False, True, False)
