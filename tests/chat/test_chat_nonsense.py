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


FRAMES = st.one_of(
    st.text(),
    st.binary(max_size=50),
    st.dictionaries(
        st.sampled_from(["message", "name", "ref", "type", "ping"]),
        st.none() | st.integers() | st.text() | st.lists(st.text(), max_size=2),
    ).map(json.dumps),
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(FRAMES, min_size=1, max_size=15))
async def test_arbitrary_frames_disturb_nobody(
    chat: servers.Site, frames: list[str | bytes]
) -> None:
    async with join(chat, "fuzz") as fuzzer, join(chat, "fuzz") as other:
        for frame in frames:
            await fuzzer.send(frame)
        await still_talks(fuzzer, "end of the fuzz")
        while (heard := await other.next())["message"] != "end of the fuzz":
            assert heard["type"] == "message"
