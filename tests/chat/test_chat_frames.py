"""Frames of clients that may send anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from chat.protocol.frames import MAX_TEXT, Older, Ping, Refused, Rename, Say, after, parse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = st.sampled_from(["message", "name", "ref", "ping", "before", "type"])


@given(st.one_of(st.text(), JSON.map(json.dumps), st.dictionaries(FIELDS, JSON).map(json.dumps)))
def test_any_frame_is_understood_or_refused(text: str) -> None:
    try:
        asked = parse(text)
    except Refused:
        event("refused")
    else:
        assert isinstance(asked, Say | Rename | Ping | Older)
        if isinstance(asked, Say):
            asked.text.encode()
            assert 1 <= len(asked.text) <= MAX_TEXT


BAD = {
    "empty": [
        '{"message": ""}',
        '{"message": " \\n\\t"}',
        '{"message": "\\u200b\\u0000"}',
        *(json.dumps({"message": c}) for c in "\u3164\u2800\u115f\u034f\ufe0f\u180b\U000e0100"),
    ],
    "too_long": [json.dumps({"message": "x" * 4001})],
    "json": [
        "",
        "hello",
        '{"message": "hi"',
        "[" * 60_000,
        '{"message": NaN}',
        '{"message": ' + "9" * 60_000 + "}",
    ],
    "type": [
        '{"before": -1}',
        '{"before": "7"}',
        '{"before": true}',
        '{"before": 99999999999999999999}',
        "[]",
        "null",
        '"hi"',
        "7",
        '{"message": 7}',
        '{"message": null}',
        '{"name": []}',
    ],
    "unknown": ["{}", '{"type": "system", "text": "x"}'],
    "ref": ['{"message": "hi", "ref": 5}', json.dumps({"message": "hi", "ref": "x" * 65})],
    "unicode": ['{"message": "\\ud800"}', '{"message": "a\\udfffb"}'],
    "frame_too_big": [
        json.dumps({"message": "x" * 70_000}),
        json.dumps({"x": "é" * 40_000}, ensure_ascii=False),
    ],
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code in BAD for text in BAD[code]])
def test_a_bad_frame_is_refused_by_its_own_code(code: str, text: str) -> None:
    with pytest.raises(Refused) as caught:
        parse(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("query", "number"),
    [
        (b"after=7", 7),
        (b"after=0", 0),
        (b"", 0),
        (b"after=", 0),
        (b"after=-7", 0),
        (b"after=7.5", 0),
        (b"after=\xd9\xa7", 0),
        (b"after=1e9", 0),
        (b"after=99999999999999999999999", 2**53),
        (b"x=1&after=7", 7),
    ],
)
def test_what_a_client_says_it_has_heard_is_a_number_or_nothing(query: bytes, number: int) -> None:
    assert after(query) == number


def test_a_refusal_names_the_message_it_is_about() -> None:
    with pytest.raises(Refused) as caught:
        parse('{"message": "", "ref": "r7"}')

    assert caught.value.ref == "r7"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("bell\x07 \x1b[31mred", "bell [31mred"),
        ("tab\there", "tab\there"),
        ("x" * 4000, "x" * 4000),
        ("\U0001d4b3" * 4000, "\U0001d4b3" * 4000),
        ("👩‍👩‍👧 \u202eabc", "👩‍👩‍👧 \u202eabc"),
    ],
)
def test_a_text_keeps_all_but_its_control_characters(typed: str, text: str) -> None:
    asked = parse(json.dumps({"message": typed}))

    assert isinstance(asked, Say)
    assert asked.text == text
