"""What makes two names look alike to a reader."""

import hashlib
import unicodedata
from functools import lru_cache

_ACCENTS = 200
"""Combining classes from here on are accents above and below; the others are parts of letters."""

# What is drawn like a Latin letter: first capitals, whose small letters may look otherwise.
_CAPITALS = str.maketrans("АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abekmhopctyxijsabezhikmnoptyx")  # noqa: RUF001 - the look-alikes themselves
_SMALL = str.maketrans(
    "авекмнорстухіјѕһԁԛԝӏѵүьαβγηικνορτυχωաոսօցհյɑɡɩıøłđħŧɓɗƒɨʉʏʀɴᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢ0|",  # noqa: RUF001 - the look-alikes themselves
    "abekmhopctyxijshdqwlvybabynikvoptuxwwnuoghjagiioldhtbdfiuyrnacdejkmoptuvwzol",
)
# Lisu, Cherokee, Canadian syllables and small capitals; the Cherokee as case folding leaves it.
_LIKE = """
aꓮᎪᗅ bꓐᏴᗷʙƄ cꓚᏟᑕ dꓓᎠᗞᗪ eꓰᎬᗴ fꓝᖴꜰ gꓖᏀɢ hꓧᎻᕼʜ iꓲᎥɪ jꓙᎫᒍ kꓗᏦᛕĸ lꓡᏞᒪʟ mꓟᎷᗰ nꓠᑎ oꓳ
pꓑᏢᑭ qꞯ rꓣᎡᏒᖇ sꓢᏚᏕꜱ tꓔᎢ uꓴᑌ vꓦᏙᐯ wꓪᎳᏔᗯ xꓫ᙭ᕽ yꓬᎽᎩ zꓜᏃ
"""  # noqa: RUF001 - the look-alikes themselves
_SMALL |= {ord(like): ord(each[0]) for each in _LIKE.split() for like in each[1:]}
_ENCLOSED = {first + n: ord("a") + n for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "CANADIAN")

# What readers do not tell apart either, once all is small; the reserved names are spelled with it.
_SAME = str.maketrans("i1", "ll")
_PAIRS = (("rn", "m"), ("vv", "w"))


def letters(name: str) -> str:
    """Reduce a name to what a reader takes it for, in small Latin letters where it looks so."""
    plain = unicodedata.normalize("NFKD", name).translate(_ENCLOSED)
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
    latin = word.translate(_CAPITALS).casefold().translate(_SMALL)
    if all(c.isascii() for c in latin if c.isalpha()):
        return latin
    return word.casefold()
