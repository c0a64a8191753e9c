"""Payloads become events, many at once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import repeat
from typing import TYPE_CHECKING, Any

from channels_redis.serializers import JSONSerializer, MsgPackSerializer

from chatops.errors import BadValue, foreign
from chatops.layers.listening.incoming import Whole
from chatops.model.message import Arrival

if TYPE_CHECKING:
    from chatops.layers.redis import RedisAdapter


_new: Callable[..., Arrival] = tuple.__new__  # what Arrival() does, in a third of the time


class Decoder:
    """Reads what a layer of channels_redis has serialized."""

    def __init__(self, adapter: "RedisAdapter") -> None:
        self._adapter = adapter
        self._read = plain_reader(adapter.layer) or adapter.layer.deserialize

    def arrivals(self, found: Whole, seen_at: datetime) -> Sequence[Arrival]:
        """Decode all; where one of them cannot be, each on its own, so that it is told."""
        groups, payloads = found
        try:
            with foreign(BadValue, "one of them is not readable"):
                bodies = list(map(self._read, payloads))
        except BadValue:
            return list(map(self._alone, groups, payloads, repeat(seen_at)))
        if not set(map(type, bodies)) <= {dict}:
            return list(map(self._alone, groups, payloads, repeat(seen_at)))
        sizes = map(len, payloads)
        fields = zip(bodies, sizes, repeat(seen_at), repeat(None), groups, payloads, strict=False)
        return list(map(_new, repeat(Arrival), fields))

    def _alone(self, group: str, payload: bytes, seen_at: datetime) -> Arrival:
        body, problem = self._adapter.decoded(payload)
        return Arrival(body, len(payload), seen_at, problem, group, payload)


def plain_reader(layer: Any) -> Callable[[bytes], Any] | None:  # noqa: ANN401
    """Return what the layer's own `deserialize` comes to; `None` where it does more than that."""
    own = type(layer).__dict__.get("deserialize")
    serializer = layer._serializer  # noqa: SLF001 - held by a test
    known = type(serializer) in {JSONSerializer, MsgPackSerializer}
    library = type(layer).__module__.startswith("channels_redis.") and own is not None
    if not (known and library) or serializer.crypter or serializer.random_prefix_length:
        return None
    reader: Callable[[bytes], Any] = serializer.from_bytes
    return reader
