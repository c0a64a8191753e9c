"""What the server says to one client, as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chat.live import flood
from chat.protocol import frames, names
from chat.protocol.events import REMOVED, Message
from chat.records.history import Page
from chat.records.rules import Rules

if TYPE_CHECKING:
    from chat.live.speaker import Speaker

LIMITS = {
    "message": frames.MAX_TEXT,
    "name": names.MAX_LENGTH,
    "burst": flood.BURST,
    "per_second": flood.PER_SECOND,
}

_AWAY = "Messages may take a second longer right now; none is lost."


def welcome(room: str, speaker: "Speaker", page: Page, held: Rules) -> str:
    """Tell a client of our protocol where it is, as whom, and how far the room is."""
    return json.dumps(
        {
            "type": "welcome",
            "message": f"You are in “{room}” as {speaker.name}.",
            "name": speaker.name,
            "room": room,
            "account": speaker.account,
            "person": speaker.author,
            "staff": speaker.staff,
            "locked": held.locked,
            "barred": held.barred,
            "silenced": speaker.silence(held),
            "last": page.last,
            "gap": page.gap,
            "limits": LIMITS,
        }
    )


def said(message: Message, author: str) -> str:
    """Give a client of `author` one stored message."""
    text, own = message.texts()
    return own if message.author == author else text


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


def people(count: int, **more: Any) -> str:  # noqa: ANN401 - JSON
    """Tell who watches a room how many are there, and who they are or what changed."""
    message = "1 person is here." if count == 1 else f"{count} people are here."
    return json.dumps({"type": "people", "count": count, **more, "message": message})


def typing(author: str, name: str) -> str:
    """Tell who watches a room that somebody is typing."""
    frame = {"type": "typing", "id": author, "name": name, "message": f"{name} is typing."}
    return json.dumps(frame)


def rooms(rows: Sequence[Mapping[str, object]]) -> str:
    """Show who watches the lobby the rooms that people are in."""
    return json.dumps({"type": "rooms", "rooms": rows, "message": f"{len(rows)} rooms."})


def removed(number: int) -> str:
    """Tell everybody that the text of a message is gone."""
    return json.dumps({"type": "removed", "number": number, "message": REMOVED})


def rules(held: Rules, silence: str | None) -> str:
    """Tell a client of our protocol that the room's lock, or whether it may speak, changed."""
    message = silence or ("The room is locked." if held.locked else "You can write here.")
    about = {"locked": held.locked, "barred": held.barred, "silenced": silence}
    return json.dumps({"type": "rules", **about, "message": message})


def done(what: str, whom: str, ref: str | None) -> str:
    """Tell staff that it is done."""
    message = f"Done: {what}{f' ({whom})' if whom else ''}."
    return json.dumps({"type": "done", "message": message, "ref": ref})
