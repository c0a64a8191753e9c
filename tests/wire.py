"""Say something on the wire of the pubsub layer, in its own words or in none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgpack

if TYPE_CHECKING:
    import redis

CHANNEL = "asgi__group__chat_{}"


def say(broker: redis.Redis, room: str, text: str, **more: object) -> None:
    """Say it in a room, as the application does."""
    put(broker, room, msgpack.packb({"type": "chat.message", "text": text, **more}))


def put(broker: redis.Redis, room: str, payload: bytes) -> None:
    """Put any bytes at all where messages of the room are."""
    broker.publish(CHANNEL.format(room), payload)
