"""Which of a client's frames are let in."""

from django.utils.translation import gettext as _

from chat.live.flood import Flood
from chat.protocol import frames
from chat.protocol.asked import Asked
from chat.protocol.frames import Refused


def admit(text: str | None, flood: Flood) -> Asked:
    """Return what a frame asks; raises `Refused`, also where its person sends too many."""
    # Nonsense counts too, or it were a way round the limit.
    allowed = flood.allow()
    try:
        asked = frames.parse(text)
    except Refused as refused:
        raise refused if allowed else _too_fast(refused.ref) from None
    if not allowed:
        raise _too_fast(asked.ref)
    return asked


def _too_fast(ref: str | None) -> Refused:
    return Refused("flood", _("You are sending too fast; please slow down."), ref)
