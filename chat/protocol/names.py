"""The names that guests choose."""

import secrets
import unicodedata

from django.utils.translation import gettext as _

from chat.protocol import likeness
from chat.protocol.invisible import JOINERS, has_loose_marks, is_invisible, without_joiners

MAX_LENGTH = 40

RESERVED = frozenset({"system", "admin", "administrator", "moderator", "server", "unknown"})

_MOODS = """
Amber Bold Brave Bright Calm Clever Copper Cosmic Curious Dapper Early Gentle Golden Happy
Hidden Jolly Keen Kind Lucky Lunar Mellow Merry Misty Noble Patient Quick Quiet Rapid Silver
Steady Sunny Swift Tidy Velvet Vivid Warm Wild Wise Witty Zesty
"""
_BEINGS = """
Badger Beaver Bison Cedar Comet Crane Dolphin Falcon Fern Finch Fox Gecko Hare Hazel Heron Ibis
Jay Koala Lark Lemur Lynx Maple Marten Moose Newt Ocelot Orca Osprey Otter Owl Panda Puffin
Quail Raven Robin Seal Sparrow Stork Tapir Willow Wren Yak
"""

# What could pass for the mark that stands behind an account's name.
_TICKS = frozenset("✓✔☑✅🗸🗹🮱√")

_EMOJI_STYLE = "\ufe0f"  # keyboards add it to an emoji, where it is only a wish for colour

# Digits and signs that stand for letters, for the reserved names only.
_LEET = str.maketrans("1345$@", "leassa")
_RESERVED = frozenset(map(likeness.merged, RESERVED))


class InvalidName(ValueError):
    """The text cannot be a person's name; the message says why, for people."""


def clean(text: str) -> str:
    """Return the one spelling of a name; raises `InvalidName`.

    Surrounding white space and variation selectors of emoji go, inner white space becomes
    one space.
    """
    if len(text) > 10 * MAX_LENGTH:
        raise InvalidName(_("A name has at most %(most)s characters.") % {"most": MAX_LENGTH})
    text = text.replace(_EMOJI_STYLE, "")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InvalidName(_("A name cannot be empty."))
    if len(name) > MAX_LENGTH:
        raise InvalidName(_("A name has at most %(most)s characters.") % {"most": MAX_LENGTH})
    spelled = without_joiners(name)
    if any(map(is_invisible, spelled)) or has_loose_marks(spelled):
        raise InvalidName(_("A name cannot have invisible or stray combining characters."))
    if not _TICKS.isdisjoint(name):
        raise InvalidName(_("A tick stands for an account; please choose a name without one."))
    if likeness.mixes_alphabets(spelled):
        raise InvalidName(_("A word in a name has letters of one alphabet only."))
    if _reserved(name):
        raise InvalidName(_("This name is reserved; please choose another one."))
    return name


def _reserved(name: str) -> bool:
    plain = likeness.letters(name).translate(_LEET)
    return likeness.merged("".join(c for c in plain if c.isalpha())) in _RESERVED


def suggest() -> str:
    """Make up a pleasant name for a new guest."""
    return f"{secrets.choice(_MOODS.split())} {secrets.choice(_BEINGS.split())}"


def anonymous() -> str:
    """Make up a name for a client that has no browser session."""
    return f"Guest-{secrets.token_hex(2)}"


def another(name: str, number: int) -> str:
    """Return a name like this one, for who cannot have it because somebody has it."""
    return f"{name[: MAX_LENGTH - 5].rstrip(f' {JOINERS}')} {number}"
