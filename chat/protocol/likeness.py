"""What makes two names look alike to a reader.

Unicode's own list of what is (technical standard 39), which `disarm` has; beyond it readers do
not tell apart case, accents, punctuation, and a few letters of their own alphabet.
"""

import hashlib
import unicodedata
from functools import lru_cache

import disarm

_ACCENTS = 200
"""Combining classes from here on are accents above and below; the others are parts of letters."""

# Flags are spelled with these, which `disarm` leaves as they are.
_REGIONAL = {0x1F1E6 + n: ord("a") + n for n in range(26)}
_SIGMAS = frozenset("Σσς")  # no Latin letter looks like one
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "CANADIAN")

# What readers do not tell apart either, once all is small; the reserved names are spelled with it.
_SAME = str.maketrans("i1", "ll")
_PAIRS = (("rn", "m"), ("vv", "w"))


def letters(name: str) -> str:
    """Reduce a name to what a reader takes it for, in small Latin letters where it looks so."""
    plain = unicodedata.normalize("NFKD", name).translate(_REGIONAL)
    plain = "".join(c for c in plain if unicodedata.combining(c) < _ACCENTS)
    words = "".join(map(_drawn, plain.split()))
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
    return any(len(_alphabets(word)) > 1 for word in name.split())


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
