"""What becomes of an event that came by a room's group."""

import logging

from chat.live import receipts
from chat.live.lookout import Here, obey
from chat.protocol import signals
from chat.protocol.events import READERS, Message

logger = logging.getLogger(__name__)


def heard(here: Here, event: object) -> None:
    """Deliver what an event says; nothing that comes can raise."""
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(kind, str):
        logger.warning("An event without a type was ignored: %.200r", event)
    elif here.hall.knows(event.get("number")):
        return  # what was said here comes back too, and is most of what comes
    elif kind in READERS:
        _said(here, kind, event)
    elif not signals.is_sound(event):
        logger.warning("An event of unknown type was ignored: %.200r", event)
    elif kind == signals.PEOPLE:
        here.hall.moved(event)
    elif kind == signals.TYPING:
        here.hall.crowd.typing(event["author"], event["name"])
    else:
        here.do("obeys", obey)


def _said(here: Here, kind: str, event: dict[str, object]) -> None:
    said = READERS[kind](event)
    if isinstance(said, Message) and said.number is not None:
        here.hall.arrived(said)
    elif said is not None:
        here.hall.unnumbered(said)
        receipts.report(event, here.listener.group, here.hall.members)
