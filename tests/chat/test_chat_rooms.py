"""Names of rooms, and their groups."""

from __future__ import annotations

import re
import unicodedata

import pytest
from channels.layers import BaseChannelLayer
from hypothesis import event, given
from hypothesis import strategies as st

from chat.protocol.rooms import InvalidRoom, groups, parse

ANY_SCRIPT = st.text(st.characters(categories=["L", "Nd"]) | st.sampled_from("_-."), min_size=1)


def valid(text: str) -> bool:
    try:
        parse(text)
    except InvalidRoom:
        return False
    return True


ROOMS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_.-]{1,50}", fullmatch=True), ANY_SCRIPT.map(lambda t: t[:50])
).filter(valid)


@given(ROOMS)
def test_every_room_has_a_group_that_channels_takes(room: str) -> None:
    group = groups.group(room)

    assert BaseChannelLayer().require_valid_group_name(group)


@given(ROOMS)
def test_a_group_leads_back_to_its_room_unless_it_is_hashed(room: str) -> None:
    group = groups.group(room)

    back = groups.room(group)

    assert back == parse(room) or (back is None and group.startswith("chat-h_"))


@given(ROOMS, ROOMS)
def test_two_rooms_never_share_a_group(one: str, other: str) -> None:
    same_group = groups.group(one) == groups.group(other)

    assert same_group == (parse(one) == parse(other))


@given(st.text())
def test_any_text_is_a_room_or_refused(text: str) -> None:
    try:
        room = parse(text)
    except InvalidRoom:
        event("refused")
    else:
        assert 1 <= len(room) <= 50
        assert unicodedata.is_normalized("NFC", room)
        assert parse(room) == room


@given(st.one_of(st.text(), st.from_regex(r"chat(_|-u_|-h_)[A-Za-z0-9_.-]{0,80}", fullmatch=True)))
def test_any_group_is_answered_with_its_own_room_or_none(group: str) -> None:
    room = groups.room(group)

    assert room is None or groups.group(room) == group


@pytest.mark.parametrize(
    ("room", "group"),
    [
        ("lobby", "chat_lobby"),
        ("Lobby", "chat_Lobby"),
        ("a.b-c_d", "chat_a.b-c_d"),
        ("café", "chat-u_caf-dma"),
        ("cafe\u0301", "chat-u_caf-dma"),
        ("日本語", "chat-u_wgv71a119e"),
        ("हिन्दी", "chat-u_j2bd4cyah0f"),
    ],
)
def test_a_room_keeps_the_group_it_always_had(room: str, group: str) -> None:
    assert groups.group(room) == group


def test_a_long_name_in_another_script_is_hashed() -> None:
    group = groups.group("".join(map(chr, range(0x20000, 0x20000 + 50 * 700, 700))))

    assert re.fullmatch(r"chat-h_[0-9a-f]{64}", group)


@pytest.mark.parametrize(
    "room",
    [
        "",
        ".",
        "..",
        "a b",
        "a/b",
        "x" * 51,
        "a\n",
        "\u0301a",
        "a\u200bb",
        "🎉",
        "ㅤ",
        "<b>",
        "a\ud800",
    ],
)
def test_what_is_no_room_is_refused(room: str) -> None:
    with pytest.raises(InvalidRoom):
        groups.group(room)
