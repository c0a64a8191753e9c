"""Make text from the wire harmless: what would drive a terminal is shown instead."""

import re
import unicodedata

# Control, format (bidirectional and invisible), surrogate, line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Letters and marks that draw nothing: fillers, joiners, and selectors that choose no emoji.
_BLANK = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0d\uffa0"
    "\U000e0100-\U000e01ef"
)
_blank = re.compile(f"[{_BLANK}]").search


def visible(text: str) -> str:
    r"""Return the text on one line, each dangerous character as its escape, such as `\x1b`."""
    # What is printable to Python has no hidden category; this is in C, and a tail is in a hurry.
    if text.isprintable() and (text.isascii() or not _blank(text)):
        return text
    return "".join(each if _harmless(each) else _escape(each) for each in text)


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN and not _blank(character)


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    code = ord(character)
    if character in named:
        return named[character]
    if code < 0x100:  # noqa: PLR2004 - the widest that \x can say
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004
