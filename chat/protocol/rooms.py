"""Room names, and the channel layer's group for each."""

import hashlib
import re
import unicodedata

from django.utils.translation import gettext as _

from chat.protocol.invisible import has_loose_marks, is_invisible

MAX_LENGTH = 50

_GROUP_MAX_LENGTH = 99  # channels takes names shorter than 100
_GROUP = re.compile(r"[A-Za-z0-9._-]+")
_PLAIN, _PUNYCODE, _HASH = "chat_", "chat-u_", "chat-h_"


class InvalidRoom(ValueError):
    """The text cannot name a room; the message says why, for people."""


def parse(text: str) -> str:
    """Return the one spelling of a room's name.

    Raises `InvalidRoom` for everything that is not 1 to 50 letters and digits of any
    script, `_`, `-` or `.`.
    """
    if len(text) > 4 * MAX_LENGTH:  # normalising may shorten, but never by that much
        raise InvalidRoom(
            _("A room's name has at most %(most)s characters.") % {"most": MAX_LENGTH}
        )
    room = unicodedata.normalize("NFC", text)
    if not room:
        raise InvalidRoom(_("A room needs a name."))
    if len(room) > MAX_LENGTH:
        raise InvalidRoom(
            _("A room's name has at most %(most)s characters.") % {"most": MAX_LENGTH}
        )
    if room in {".", ".."}:  # browsers resolve these in a URL before they ask for it
        raise InvalidRoom(_("A room's name cannot be dots alone."))
    if not all(map(_allowed, room)) or has_loose_marks(room):
        raise InvalidRoom(_("A room's name is made of letters, digits, “_”, “-” and “.” only."))
    return room


def _allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "_-."
    category = unicodedata.category(character)
    return (category[0] in "LM" or category == "Nd") and not is_invisible(character)


class Groups:
    """Both ways between a room's name and its group, without collisions.

    ASCII names stay readable, as the Channels tutorial has them (`chat_lobby`); others
    travel as punycode, and as a hash where that is too long for a group's name.
    """

    def group(self, room: str) -> str:
        """Return the group of a room; raises `InvalidRoom`, a `ValueError`."""
        name = parse(room)
        if name.isascii():
            return _PLAIN + name
        group = _PUNYCODE + name.encode("punycode").decode("ascii")
        if len(group) <= _GROUP_MAX_LENGTH:
            return group
        return _HASH + hashlib.sha256(name.encode()).hexdigest()

    def room(self, group: str) -> str | None:
        """Return the room of a group; None where the group is no room's, or hashed."""
        if not _GROUP.fullmatch(group):
            return None
        try:
            if group.startswith(_PLAIN):
                room = group.removeprefix(_PLAIN)
            elif group.startswith(_PUNYCODE):
                room = group.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
            else:
                return None
            return room if self.group(room) == group else None
        except (ValueError, OverflowError):  # not punycode, or no valid room
            return None


groups = Groups()
