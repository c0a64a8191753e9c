"""Names of guests."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from chat.protocol import names
from chat.protocol.invisible import is_invisible, without_joiners


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Zoe\u0308", "Zoë"),
        ("tab\there", "tab here"),
        ("<b>Bob</b>", "<b>Bob</b>"),
        ("山田太郎", "山田太郎"),
        ("Systematic", "Systematic"),
        ("❤️", "❤"),
    ],
)
def test_a_name_is_kept_in_one_spelling(typed: str, name: str) -> None:
    assert names.clean(typed) == name


@pytest.mark.parametrize(
    "name",
    [
        "احمدی\u200cنژاد",  # noqa: RUF001 - as it is spelled
        "শ্রী\u200cরাম",
        "র\u200d্যাব",
        "👩\u200d💻 Eva",
        "Анна-Maria",
        "Anna/Анна",
        "Anna_Иван",
        "α-Tester",  # noqa: RUF001 - as it is spelled
    ],
)
def test_a_name_of_any_script_is_kept_as_it_is_spelled(name: str) -> None:
    assert names.clean(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "x" * 41,
        "x" * 100_000,
        "a\u202eb",
        "a\u200bb",
        "a\u200d",
        "\u200ca",
        "a\u200d\u200cb",
        "👩\u200da",
        "a" + "\u0301\u200d" * 6 + "b",
        "a\u00adb",
        "a\x00b",
        "a\ud800",
        "ㅤ",
        "\u0301a",
        "a" + "\u0301\u0302" * 5,
        "system",
        "SYSTEM",
        "S y s t e m",
        "ѕуѕtеm",  # noqa: RUF001 - the look-alike is the case
        "5y$tem",
        "Ｓｙｓｔｅｍ",  # noqa: RUF001 - the look-alike is the case
        "Sýstem",
        "system!",
        "admin",
        "\ufe0f",
        "systern",
        "adrnin",
        "ꓢꓬꓢꓔꓰꓟ",  # noqa: RUF001 - the look-alike is the case
        "🆂🆈🆂🆃🅴🅼",
        "ꜱʏꜱᴛᴇᴍ",
        *(f"hopper {tick}" for tick in ("✓", "✔", "✔\ufe0f", "☑", "✅", "🗸", "🗹", "√")),
    ],
)
def test_a_name_that_misleads_is_refused(typed: str) -> None:
    with pytest.raises(names.InvalidName):
        names.clean(typed)


@given(st.text())
def test_any_text_is_a_harmless_name_or_refused(typed: str) -> None:
    try:
        name = names.clean(typed)
    except names.InvalidName:
        event("refused")
    else:
        assert 1 <= len(name) <= names.MAX_LENGTH
        assert names.clean(name) == name
        assert unicodedata.is_normalized("NFC", name)
        assert not any(map(is_invisible, without_joiners(name)))


def test_every_suggested_name_is_one_that_could_be_chosen() -> None:
    suggested = {names.suggest() for _ in range(500)} | {names.anonymous() for _ in range(50)}

    assert all(names.clean(name) == name for name in suggested)
