"""What both layers of channels_redis have in common."""

import asyncio
import re
import time
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from channels_redis.utils import create_pool
from msgpack import UnpackException
from redis.exceptions import NoPermissionError, RedisError

from chatops.errors import LayerAway, Unsupported
from chatops.layers.base import LayerAdapter
from chatops.model.message import Arrival, Hole

try:
    from cryptography.fernet import InvalidToken
except ImportError:  # channels_redis needs it for encrypted layers alone

    class InvalidToken(Exception):  # type: ignore[no-redef] # stands in; never raised
        """What Fernet raises on a token of another key."""


# What the serializers of channels_redis raise on bytes that are not theirs.
UNREADABLE = (
    *(ValueError, TypeError, LookupError, AttributeError, EOFError, ArithmeticError),
    UnpackException,
    InvalidToken,
)

T = TypeVar("T")

_AGAIN = 0.2
"""Seconds between two attempts to reach a server that is away."""

_CREDENTIALS = re.compile(r"(?<=://)[^@/\s]*@")


def hidden(text: str) -> str:
    """Take user names and passwords out of the URLs in a text."""
    return _CREDENTIALS.sub("***@", text)


class RedisAdapter(LayerAdapter):
    """A layer that keeps what it has on one or more Redis or Valkey servers."""

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with super()._translated():
                yield
        except NoPermissionError as error:
            raise Unsupported(f"The channel layer {self} does not allow it: {error}") from error
        except RedisError as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> LayerAway:
        return LayerAway(hidden(str(super()._away(error))))

    def _where(self) -> str:
        return f" at {', '.join(map(address, self.hosts))}"

    @property
    @abstractmethod
    def hosts(self) -> list[dict[str, Any]]:
        """The servers, each as the arguments of a connection."""

    async def echo(self, event: dict[str, Any]) -> dict[str, Any]:
        """Serialize and deserialize the event, without a server."""
        back: dict[str, Any] = self.layer.deserialize(self.layer.serialize(event))
        return back

    def pool(self, index: int) -> Any:  # noqa: ANN401 - redis-py's pools share no public base
        """Return a new connection pool to one server, as the layer itself would make it."""
        return create_pool(self.hosts[index])

    def arrival(self, payload: bytes) -> Arrival:
        """Decode what came off the wire; what cannot be read is told, not raised."""
        body, problem = {}, None
        try:
            body = self.layer.deserialize(payload)
            if not isinstance(body, dict):
                body, problem = {}, f"not a dict but {type(body).__name__}"
        except UNREADABLE as error:
            problem = f"not readable with this serializer and key ({type(error).__name__})"
        body.pop("__asgi_channel__", None)
        return Arrival(body=body, size=len(payload), seen_at=datetime.now(UTC), problem=problem)


def address(host: dict[str, Any]) -> str:
    """Say where a server is, without its credentials."""
    if "address" in host:
        return hidden(str(host["address"]))
    if "master_name" in host:
        return f"Sentinel master {host['master_name']!r}"
    return f"redis://{host.get('host', 'localhost')}:{host.get('port', 6379)}"


async def until_answered(attempt: Callable[[], Awaitable[T]]) -> tuple[T, Hole]:
    """Try until the layer answers, however long that takes; returns what it missed, too."""
    since = time.monotonic()
    while True:
        try:
            answer = await attempt()
        except LayerAway:
            await asyncio.sleep(_AGAIN)
        else:
            return answer, Hole(
                seconds=round(time.monotonic() - since, 3), reason="the layer did not answer"
            )
