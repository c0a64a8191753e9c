"""Text from the wire is shown, never obeyed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.rendering.visible import visible

ANY_TEXT = st.text(st.characters(codec=None))


@given(ANY_TEXT)
def test_no_character_that_drives_a_terminal_gets_through(text: str) -> None:
    categories = {unicodedata.category(each) for each in visible(text)}

    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(ANY_TEXT)
def test_what_is_made_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë ✓ 東京", "Zoë ✓ 東京"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164", "\\u3164"),
    ],
)
def test_dangerous_text_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown
