"""Which messages a tail shows, and what of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from chatops.model.choice import Choice
from chatops.model.expression import expression
from chatops.model.message import Arrival, Gap, Hole, Message
from chatops.operations.choosing import chooser
from chatops.operations.redaction import redaction
from chatops.operations.tally import Tally

NOW = datetime.now(UTC)
HOLE = Hole(seconds=1.0, reason="away", missed=3)


def arrival(body: dict[str, Any], problem: str | None = None) -> Arrival:
    return Arrival(body, 10, NOW, problem, "chat_a")


EVENTS = [
    {"type": "chat.message", "text": "Grüße", "user": {"name": "Zoë", "age": 41}},
    {"type": "chat.system", "text": "back", "level": "error"},
    {"type": ["no", "name"], "tags": ["x", ("deep", None)]},
]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), [0, 1, 2]),
        (Choice(types=("chat.*",)), [0, 1]),
        (Choice(types=("*.system", "*.message")), [0, 1]),
        (Choice(types=("chat",)), []),
        (Choice(grep=re.compile("^Zoë$")), [0]),
        (Choice(grep=re.compile("41")), [0]),
        (Choice(grep=re.compile("deep")), [2]),
        (Choice(grep=re.compile("level")), []),  # a key
        (Choice(where=expression("level == 'error'")), [1]),
        (Choice(where=expression("user.age > `40`")), [0]),
        (Choice(types=("chat.*",), grep=re.compile("b")), [1]),
    ],
)
def test_a_message_is_shown_that_everything_wants(choice: Choice, expected: list[int]) -> None:
    chosen = chooser(choice)([*map(arrival, EVENTS), HOLE])

    assert [EVENTS.index(each.body) for each in chosen if isinstance(each, Arrival)] == expected
    assert chosen[-1] is HOLE


def test_a_sample_is_of_what_the_others_want_over_all_batches() -> None:
    choose = chooser(Choice(types=("t",), sample=3))
    batches = [
        [arrival({"type": kind, "n": number}) for kind in ("t", "other")] for number in range(7)
    ]

    chosen = [each.body["n"] for batch in batches for each in choose(batch)]  # type: ignore[union-attr]

    assert chosen == [0, 3, 6]


def test_what_cannot_be_read_is_found_by_its_problem() -> None:
    choose = chooser(Choice(grep=re.compile("not readable")))

    assert len(choose([arrival({}, "not readable as JSON"), arrival({})])) == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([], {"a": {"b": [{"c": 1}, {"d": 2}]}, "e": None}),
        (["e"], {"a": {"b": [{"c": 1}, {"d": 2}]}, "e": "***"}),
        (["a.b.c", "nowhere", "e.x"], {"a": {"b": [{"c": "***"}, {"d": 2}]}, "e": None}),
        (["a.b"], {"a": {"b": "***"}, "e": None}),
        (["a", "a.b"], {"a": "***", "e": None}),
    ],
)
def test_a_field_is_hidden_wherever_its_path_leads(fields: list[str], expected: Any) -> None:
    body = {"a": {"b": [{"c": 1}, {"d": 2}]}, "e": None}
    before = repr(body)
    gap = Gap(room=None, group=None, seconds=None, reason="away")

    [message, same] = redaction(fields)([Message("a", "chat_a", None, body, NOW, 1), gap])

    assert isinstance(message, Message)
    assert message.body == expected
    assert same is gap
    assert repr(body) == before


def test_what_is_too_deep_to_hide_a_field_in_is_not_shown() -> None:
    deep: Any = 1
    for _ in range(2000):
        deep = [deep]
    message = Message("lobby", "chat_lobby", None, {"a": deep}, NOW, 9)

    [hidden] = redaction(["a.k"])([message])

    assert (hidden.body, hidden.problem) == ({}, "nested too deeply to hide fields in it")  # type: ignore[union-attr]


def test_a_tally_knows_what_was_missed_and_where() -> None:
    tally = Tally(apart=True, only="chat_a")
    tally.count([arrival({}), HOLE, Hole(seconds=None, reason="unknown", group="chat_b")])

    found = tally.look(lambda group: group.removeprefix("chat_"))

    assert (tally.seen, tally.missed) == (1, 3)
    assert [(each.room, each.messages, each.gaps, each.missed) for each in found] == [
        ("a", 1, 1, 3),
        ("b", 0, 1, 0),
    ]
    assert found[0].said.endswith("1 gap, 3 known to be missing")
