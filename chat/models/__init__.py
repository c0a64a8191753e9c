"""What the database holds, in a form that every server process can read."""

from chat.models.acts import Act, Restriction
from chat.models.messages import Message, RoomState
from chat.models.people import BEAT, BEATS, GONE, HELD, Name, Presence, Server
from chat.models.tries import Try

__all__ = [
    "BEAT",
    "BEATS",
    "GONE",
    "HELD",
    "Act",
    "Message",
    "Name",
    "Presence",
    "Restriction",
    "RoomState",
    "Server",
    "Try",
]
