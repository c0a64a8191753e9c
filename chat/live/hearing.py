"""What becomes of an event that came by a room's group."""

import logging

from chat.live import receipts
from chat.live.lookout import Here, obey
from chat.protocol import signals
from chat.protocol.events import READERS, Message
from chat.protocol.seals import is_sealed

logger = logging.getLogger(__name__)

FOREIGN = {"number": None, "author": None, "ref": None}
"""What a message of others cannot say; one that is replayed from another room did."""


def heard(here: Here, event: object) -> None:
    """Deliver what an event says; nothing that comes can raise."""
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(kind, str):
        logger.warning("An event without a type was ignored: %.200r", event)
        return
    ours = is_sealed(here.hall.name, event)
    if ours and here.hall.knows(event.get("number")):
        return  # what was said here comes back too, and is most of what comes
    if kind in READERS:
        _said(here, kind, event, ours=ours)
    elif not signals.is_sound(event):
        logger.warning("An event of unknown type was ignored: %.200r", event)
    elif kind == signals.TYPING:
        here.hall.crowd.typing(event["author"], event["name"])
    elif kind == signals.ACT:
        here.do("obeys", obey)
    elif ours:
        here.hall.moved(event)


def _said(here: Here, kind: str, event: dict[str, object], *, ours: bool) -> None:
    said = READERS[kind](event if ours else {**event, **FOREIGN})
    if isinstance(said, Message) and said.number is not None:
        here.hall.arrived(said)
    elif said is not None:
        here.hall.unnumbered(said)
        receipts.report(event, here.listener.group, here.hall.members)
