"""What the server says to one client, as JSON."""

import json

from chat import flood, frames, names
from chat.events import Message
from chat.history import Page
from chat.speaker import Speaker

LIMITS = {
    "message": frames.MAX_TEXT,
    "name": names.MAX_LENGTH,
    "burst": flood.BURST,
    "per_second": flood.PER_SECOND,
}

_AWAY = "Messages may take a second longer right now; none is lost."


def welcome(room: str, speaker: Speaker, page: Page) -> str:
    """Tell a client of our protocol where it is, as whom, and how far the room is."""
    return json.dumps(
        {
            "type": "welcome",
            "message": f"You are in “{room}” as {speaker.name}.",
            "name": speaker.name,
            "room": room,
            "account": speaker.account,
            "last": page.last,
            "gap": page.gap,
            "limits": LIMITS,
        }
    )


def said(message: Message, author: str) -> str:
    """Give a client of `author` one stored message."""
    return json.dumps(message.frame(mine=message.author == author))


def history(page: Page, author: str, ref: str | None = None) -> str:
    """Give a client of our protocol messages that were said before."""
    events = [message.frame(mine=message.author == author) for message in page.messages]
    return json.dumps({"type": "history", "events": events, "more": page.more, "ref": ref})


def state(*, away: bool) -> str:
    """Tell clients of our protocol whether the broker is there."""
    message = _AWAY if away else "All is well again."
    return json.dumps({"type": "state", "broker": "away" if away else "here", "message": message})


def named(name: str, ref: str | None) -> str:
    """Tell a client its name."""
    text = f"You are now {name}."
    return json.dumps({"type": "name", "name": name, "message": text, "ref": ref})


def pong(ref: str | None) -> str:
    """Answer a ping."""
    return json.dumps({"type": "pong", "message": "pong", "ref": ref})
