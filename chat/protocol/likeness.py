"""What makes two names look alike to a reader.

What looks Latin is known from Unicode's own list (technical standard 39), which `disarm` has.
Beyond it readers do not tell apart case, accents, vowel points, punctuation, and a few letters of
their own script, of which only the commonest are known here.
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

import disarm

from chat.protocol.invisible import JOINERS

_ACCENTS = 200
"""Combining classes from here on are accents above and below; the others are parts of letters."""
_POINTS = range(10, 36)
"""… but for vowels and the like in Hebrew and Arabic, which most people leave out."""

# Flags are spelled with these, which `disarm` leaves as they are.
_REGIONAL = {0x1F1E6 + n: ord("a") + n for n in range(26)}
_SIGMAS = frozenset("Σσς")  # no Latin letter looks like one
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "CANADIAN")

# What readers do not tell apart either, once all is small; the reserved names are spelled with it.
_SAME = str.maketrans(
    {
        **dict.fromkeys("i1", "l"),
        **dict.fromkeys("یى", "ي"),
        **dict.fromkeys("ہھە", "ه"),  # noqa: RUF001 - look-alikes are what this is about
        "ک": "ك",
        **dict(zip("ロ囗ニエトヘカタハーノ", "口口二工卜へ力夕八一丿", strict=True)),
    }
)
_PAIRS = (
    *(("rn", "m"), ("vv", "w"), ("เเ", "แ")),
    *(("ाे", "ो"), ("ाै", "ौ"), ("ाॅ", "ॉ"), ("अा", "आ")),
)


def letters(name: str) -> str:
    """Reduce a name to what a reader takes it for, in small Latin letters where it looks so."""
    plain = unicodedata.normalize("NFKD", name).translate(_REGIONAL)
    plain = "".join(c for c in plain if c not in JOINERS and not _is_accent(c))
    words = "".join(_drawn(part) for word in plain.split() for part in _parts(word))
    # White space and punctuation tell nobody apart, unless there is nothing else.
    return "".join(c for c in words if unicodedata.category(c)[0] not in "PZ") or words


@lru_cache(maxsize=1_000)
def of(name: str) -> str:
    """Return what names that look alike have in common, and others do not; of one length."""
    return hashlib.sha256(merged(letters(name)).encode("utf-8", "replace")).hexdigest()


def merged(letters: str) -> str:
    """Spell alike what readers do not tell apart once it is small."""
    plain = letters.translate(_SAME)
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def mixes_alphabets(name: str) -> bool:
    """Tell whether a word is made of letters of several alphabets that have look-alikes."""
    return any(len(_alphabets(part)) > 1 for part in _parts(name))


def _parts(text: str) -> Iterator[str]:
    """Split into what is spelled with letters, and what is between."""
    for _, part in groupby(text, lambda c: unicodedata.category(c)[0] in "LM"):
        yield "".join(part)


def _is_accent(character: str) -> bool:
    kind = unicodedata.combining(character)
    return kind >= _ACCENTS or kind in _POINTS


def _alphabets(word: str) -> set[str]:
    first = (unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha())
    return {script for script in first if script in _SCRIPTS}


def _drawn(word: str) -> str:
    """Spell a word in Latin letters if all of it looks Latin; Greek with a sigma is Greek."""
    drawn = _latin(word)
    if not all(c.isascii() for c in drawn if c.isalpha()) or not _SIGMAS.isdisjoint(word):
        return word.casefold()
    # Where capitals look like other letters, a name must stay like itself in capitals. Greek has
    # too many such for that, and reads as Latin in either.
    greek = any("\u0370" <= c <= "\u03ff" for c in word)
    same = merged(_latin(word.lower())) == merged(_latin(word.upper()))
    return drawn if greek or same else word.casefold()


def _latin(word: str) -> str:
    # Twice: a small letter may look otherwise than the capital that it was.
    latin = disarm.normalize_confusables(word).casefold()
    return disarm.normalize_confusables(latin).casefold().replace("0", "o")
