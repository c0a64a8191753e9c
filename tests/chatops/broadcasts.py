"""A broadcast as an operation, in the words of a project like the tutorial's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatops.conf import Conf
from chatops.model.event import Saying
from chatops.model.order import Order
from chatops.model.target import Aim
from chatops.operations.broadcast import broadcast
from chatops.project.handlers import Consumer
from chatops.project.rooms import room_names
from chatops.project.words import Words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from chatops.layers.base import LayerAdapter

CHAT = Consumer("chat.ChatConsumer", frozenset({"chat_message"}))
HELLO = {"type": "chat.message", "text": "{message} {room}"}


def words(event: Mapping[str, Any] | str = HELLO, consumers: Sequence[Consumer] = (CHAT,)) -> Words:
    conf = Conf(broadcast_event=event)
    return Words(conf=conf, names=room_names(conf), consumers=consumers)


def say(  # noqa: PLR0913 - each is one choice a test makes, by name
    layer: LayerAdapter,
    *rooms: str,
    message: str = "hello",
    but: Sequence[str] = (),
    event: Mapping[str, Any] | str = HELLO,
    consumers: Sequence[Consumer] = (CHAT,),
    order: Order = Order(),  # noqa: B008 - frozen
    **more: Any,
) -> AsyncGenerator[Any, None]:
    aim, saying = Aim(words=rooms, but=but), Saying(message=message)
    return broadcast(layer, words(event, consumers), aim, saying, order, **more)


async def collected(values: AsyncIterator[Any]) -> list[Any]:
    return [value async for value in values]
