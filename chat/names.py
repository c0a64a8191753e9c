"""The names that guests choose."""

import secrets
import unicodedata

from chat.invisible import has_loose_marks, is_invisible

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

# What is drawn like a Latin letter, for the reserved names only: enough that nobody reads
# "system" where somebody wrote it with other letters.
_LOOKALIKES = str.maketrans(
    "аеорсухѕіјтмԁοεινρτυσκαıɑɡ01345$@",  # noqa: RUF001 - the look-alikes themselves
    "aeopcyxsijtmdoeivptuokaiagoleassa",
)


class InvalidName(ValueError):
    """The text cannot be a person's name; the message says why, for people."""


def clean(text: str) -> str:
    """Return the one spelling of a name; raises `InvalidName`.

    Surrounding white space and variation selectors of emoji go, inner white space becomes
    one space.
    """
    if len(text) > 10 * MAX_LENGTH:
        raise InvalidName(f"A name has at most {MAX_LENGTH} characters.")
    text = text.replace(_EMOJI_STYLE, "")
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise InvalidName("A name cannot be empty.")
    if len(name) > MAX_LENGTH:
        raise InvalidName(f"A name has at most {MAX_LENGTH} characters.")
    if any(map(is_invisible, name)) or has_loose_marks(name):
        raise InvalidName("A name cannot have invisible or stray combining characters.")
    if not _TICKS.isdisjoint(name):
        raise InvalidName("A tick stands for an account; please choose a name without one.")
    if _skeleton(name) in RESERVED:
        raise InvalidName("This name is reserved; please choose another one.")
    return name


def _skeleton(name: str) -> str:
    """Reduce a name to the letters that a reader would take it for."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    return "".join(c for c in plain if c.isalpha())


def suggest() -> str:
    """Make up a pleasant name for a new guest."""
    return f"{secrets.choice(_MOODS.split())} {secrets.choice(_BEINGS.split())}"


def anonymous() -> str:
    """Make up a name for a client that has no browser session."""
    return f"Guest-{secrets.token_hex(2)}"
