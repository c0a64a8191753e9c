"""Who is in a room, for those who ask from outside."""

from collections.abc import AsyncIterator

from chat.models import Presence


async def people(room: str) -> AsyncIterator[dict[str, object]]:
    """Yield each person in the room once, whatever their tabs: a name, since when, and sockets."""
    sockets = Presence.objects.here().filter(room=room).order_by("joined_at")
    found: dict[str, dict[str, object]] = {}
    async for socket in sockets:
        person = found.setdefault(
            socket.person, {"name": socket.name, "since": socket.joined_at, "sockets": 0}
        )
        person["sockets"] = int(str(person["sockets"])) + 1
    for each in found.values():
        yield each
