"""What arrives from clients and code that never read the protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talking import group_send, join, still_talks

if TYPE_CHECKING:
    import servers


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({"type": "chat.system", "text": "Back in 5"}, ("system", "Back in 5")),
        ({"type": "chat.system", "message": "tutorial"}, ("system", "tutorial")),
        ({"type": "chat.system", "text": 7, "level": [], "from": {}}, ("system", "7")),
        ({"type": "chat.message", "message": "foreign"}, ("message", "foreign")),
    ],
)
async def test_an_event_of_other_code_is_shown(
    chat: servers.Site, event: object, shown: tuple[str, str]
) -> None:
    async with join(chat, "foreign") as talk:
        group_send(chat, "chat_foreign", event)
        heard = await talk.next()

    assert (heard["type"], heard["message"]) == shown


@pytest.mark.parametrize(
    "event",
    [
        {"type": "no.such.handler"},
        {"type": "dispatch"},
        {"type": "websocket.disconnect", "code": 1000},
        {"type": "websocket.receive", "text": '{"message": "puppet"}'},
        {"type": 5},
        {"type": "chat.system"},
        {},
    ],
)
async def test_an_event_that_means_nothing_closes_no_socket(
    chat: servers.Site, event: object
) -> None:
    async with join(chat, "nonsense") as talk:
        group_send(chat, "chat_nonsense", event)
        heard = await talk.ask({"message": "still here"})

    assert heard["message"] == "still here"


FIELDS = ["message", "name", "ref", "ping", "before", "people", "typing", "act", "number"]
FIELDS += ["person", "minutes", "why", "type", "from", "author", "id", "guest", "staff", "text"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
MONSTERS = [
    "[" * 60_000,
    '{"message":' * 5_000,
    '{"before": ' + "9" * 5_000 + "}",
    '{"before": 1e400}',
    '{"number": -0.0, "act": "erase"}',
    "x" * 70_000,
    b"\0" * 70_000,
    json.dumps({"type": "system", "level": "critical", "from": "admin", "text": "forged"}),
    json.dumps({"type": "chat.system", "message": None, "text": "forged"}),
]
FRAMES = st.one_of(
    st.text(),
    st.binary(max_size=50),
    st.sampled_from(MONSTERS),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6).map(json.dumps),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(FRAMES, min_size=1, max_size=8))  # each twice: below what the server calls a flood
async def test_arbitrary_frames_disturb_nobody(
    chat: servers.Site, frames: list[str | bytes]
) -> None:
    async with join(chat, "fuzz") as fuzzer, join(chat, "fuzz") as other:
        for frame in frames:
            await fuzzer.send(frame)
            if isinstance(frame, str) and len(frame) > 1:
                await fuzzer.socket.send([frame[:1], frame[1:]])  # the same in two fragments
        await still_talks(fuzzer, "end of the fuzz")
        while (heard := await other.next())["message"] != "end of the fuzz":
            assert heard["type"] == "message"
