"""Events of other people's code, read with forgiveness."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.live.flood import BURST, PATIENCE, PER_SECOND, Flood
from chat.protocol import events

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["text", "message", "name", "guest", "ref", "id", "at", "level", "from"])


@given(st.dictionaries(FIELDS, VALUES))
def test_any_event_becomes_a_frame_with_a_text_or_nothing(event: dict[str, Any]) -> None:
    message, system = events.Message.read(event), events.System.read(event)

    assert message is None or json.loads(json.dumps(message.frame(mine=True)))["message"]
    assert system is None or json.loads(json.dumps(system.frame()))["message"]


def test_a_message_survives_its_way_through_the_layer() -> None:
    said = events.Message(
        text="hi", name="Ada", guest=False, ref="r1", author=events.author_of("ada"), number=7
    )

    read = events.Message.read(said.event())

    assert read is not None
    assert read.event() | {"at": 0} == said.event() | {"at": 0}


def test_an_author_alone_gets_the_ref() -> None:
    said = events.Message(text="hi", name="Ada", guest=False, ref="r1")

    assert (said.frame(mine=True)["ref"], said.frame(mine=False)["ref"]) == ("r1", None)


@given(text=st.text(), ref=st.none() | st.sampled_from(["r1", '"', "\\"]), removed=st.booleans())
def test_the_texts_are_the_two_frames(text: str, ref: str | None, *, removed: bool) -> None:
    text += '"mine": false, "ref": null}'
    said = events.Message(text=text, name=text, guest=True, ref=ref, number=7, removed=removed)

    others, own = map(json.loads, said.texts())

    assert (others, own) == (said.frame(mine=False), said.frame(mine=True))


@pytest.mark.parametrize("number", [0, -1, "7", True, 1.0, None])
def test_what_is_no_number_is_none(number: object) -> None:
    read = events.Message.read({"text": "x", "number": number})

    assert read is not None
    assert read.number is None


def test_the_same_words_in_another_room_are_another_message() -> None:
    ids = {events.id_of(room, person, "r1") for room in ("a", "b") for person in ("ada", "eve")}

    assert len(ids) == 4


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
    flood = Flood(clock=clock)

    burst = [flood.allow() for _ in range(BURST + 1)]
    clock.now += 1
    second = [flood.allow() for _ in range(int(PER_SECOND) + 1)]

    assert burst == [True] * BURST + [False]
    assert second == [True] * int(PER_SECOND) + [False]


def test_only_refusals_in_a_row_are_hopeless() -> None:
    clock = Clock()
    flood = Flood(clock=clock)
    for _ in range(BURST + PATIENCE):
        flood.allow()
    before = flood.hopeless

    flood.allow()
    after = flood.hopeless
    clock.now += 1
    flood.allow()

    assert (before, after, flood.hopeless) == (False, True, False)


def test_what_the_system_says_is_not_cut_as_what_a_person_says_is() -> None:
    event = {"type": events.SYSTEM, "text": "x" * 5000}

    system, message = events.System.read(event), events.Message.read(event)

    assert system is not None
    assert message is not None
    assert (len(system.text), len(message.text)) == (5000, 4000)
