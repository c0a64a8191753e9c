"""Names that look alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol import likeness, names


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Ada", "ada"),
        ("Ada", "ADA"),
        ("Ada", "A d a"),
        ("Ada", "Ada."),
        ("Ada", "_Ada_"),
        ("José", "Jose"),
        ("Ada", "Ａｄａ"),  # noqa: RUF001 - the look-alike is the case
        ("Ada", "𝐀𝐝𝐚"),  # noqa: RUF001
        ("Coco", "Сосо"),  # noqa: RUF001 - all of it Cyrillic
        ("HOPE", "НОРЕ"),  # noqa: RUF001 - all of it Cyrillic
        ("NOTE", "ΝΟΤΕ"),  # noqa: RUF001 - all of it Greek
        ("Alex", "AIex"),
        ("Alex", "A1ex"),
        ("Bob", "B0b"),
        ("Emma", "Ernma"),
        ("Νίκος", "ΝΊΚΟΣ"),
        ("Ada", "ꓮꓓꓮ"),  # noqa: RUF001 - Lisu
        ("Ada", "ꭺꭰꭺ"),  # Cherokee
        ("Ada", "ᗅᗞᗅ"),  # noqa: RUF001 - Canadian
        ("Ada", "🅰🅳🅰"),
        ("fish", "ꜰɪꜱʜ"),
        ("paypal", "раураӏ"),  # noqa: RUF001 - all of it Cyrillic
        ("zoo", "ΖΟΟ"),  # noqa: RUF001 - all of it Greek
        ("see", "ѕее"),  # noqa: RUF001 - all of it Cyrillic
        ("Goo", "Ꮐ၀௦"),  # noqa: RUF001 - Cherokee, Myanmar, Tamil
        ("Bob", "B٠b"),  # noqa: RUF001 - an Arabic zero
        ("Bob", "B𝟘b"),  # noqa: RUF001 - a mathematical zero
        ("coco", "ⲥⲟⲥⲟ"),  # noqa: RUF001 - Coptic
        ("Люба", "ЛЮБА"),
        ("Боб", "БОБ"),
        ("Глеб", "ГЛЕБ"),
        ("Straße", "STRASSE"),
        ("Ada", "A\u0301d\u0323a"),
        ("علي", "على"),
        ("علي رضا", "علی\u200cرضا"),  # noqa: RUF001
        ("کمال", "كمال"),
        ("فاطمه", "فاطمہ"),
        ("محمد", "مُحَمَّد"),
        ("שרה", "שָׂרָה"),
        ("口", "ロ"),
        ("二郎", "ニ郎"),
        ("工藤", "エ藤"),
        ("卜部", "ト部"),
        ("へいわ", "ヘいわ"),
        ("แดง", "เเดง"),
        ("मोहन", "माेहन"),
        ("Иван-HOPE", "Иван-НОРЕ"),  # noqa: RUF001 - the second half Cyrillic
    ],
)
def test_names_that_a_reader_takes_for_each_other_are_one(one: str, two: str) -> None:
    assert likeness.of(one) == likeness.of(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Ada", "Ida"),
        ("Ada", "Ada 2"),
        ("Ada 2", "Ada 3"),
        ("❤", "💙"),
        ("???", "!!!"),
        ("か", "が"),
        ("की", "कि"),
        ("נורה", "נורי"),
        ("Анна", "Инна"),
        ("Лев", "Aeb"),
        ("Юля", "Юра"),
        ("Νίκος", "Nikos"),
        ("محمد", "محمود"),
        ("ใจ", "ไจ"),
    ],
)
def test_names_that_differ_are_two(one: str, two: str) -> None:
    assert likeness.of(one) != likeness.of(two)


@pytest.mark.parametrize("name", ["Аda", "Adа", "Alехa", "Νikos", "А\u200cnna", "x-Аda"])  # noqa: RUF001 - two alphabets
def test_a_word_of_two_alphabets_is_refused(name: str) -> None:
    with pytest.raises(names.InvalidName, match="one alphabet"):
        names.clean(name)


@given(st.text(min_size=1))
def test_every_text_looks_like_itself_in_capitals_and_one_length_is_kept(name: str) -> None:
    assert len(likeness.of(name)) == 64
    if name.isascii():
        assert likeness.of(name) == likeness.of(name.upper())


def test_another_name_is_one_that_could_be_chosen() -> None:
    for name in ("Ada", "x" * names.MAX_LENGTH):
        assert names.clean(names.another(name, 12)) == names.another(name, 12)
