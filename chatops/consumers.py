"""What lets consumers say whether they have written what `chatops broadcast --ack` sent them.

>>> from channels.generic.websocket import AsyncWebsocketConsumer
>>> class ChatConsumer(ReceiptMixin, AsyncWebsocketConsumer):
...     pass  # as before
"""

from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from chatops.layers.receipts import ASKED, answer, asked, members_here

if TYPE_CHECKING:
    from channels.consumer import AsyncConsumer as _Consumer
else:
    _Consumer = object


class ReceiptMixin(_Consumer):  # type: ignore[misc] # Channels has no types
    """Answers for any consumer of Channels, and stands before its class among the bases.

    The answer goes out once the handler has returned, or failed. The handler does not see that
    somebody asked.
    """

    def __init_subclass__(cls, **more: Any) -> None:  # noqa: ANN401 - as others take it
        super().__init_subclass__(**more)
        before = takewhile(lambda base: base is not ReceiptMixin, cls.__mro__)
        if any(base.__module__.startswith("channels.") for base in before):
            raise TypeError(
                f"{cls.__qualname__}: ReceiptMixin must come before the consumer class of Channels."
            )

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """Handle the message, and answer where that is asked for."""
        found = asked(message, self.channel_name)
        if found is None:
            await super().dispatch(message)
            return
        here = members_here(self.channel_layer, found.token)
        # A copy, because the core layer gives one message to all of a process's consumers.
        plain = {key: value for key, value in message.items() if key != ASKED}
        is_written = False
        try:
            await super().dispatch(plain)
            is_written = True
        finally:
            answer(self.channel_layer, found, wrote=is_written, failed=not is_written, here=here)


async def receipt(
    event: Mapping[str, Any],
    sockets: int,
    of: int | None = None,
    *,
    group: str | None = None,
    layer: str = "default",
) -> None:
    """Answer for what is in a group once and writes to many sockets: so many wrote the event.

    `of` is how many there are, where that is known, and `group` the one that the event came by,
    where the event's question does not name it: one event may be for many. That is one answer for
    each process and event. Where nobody asks, nothing happens.
    """
    from channels.layers import get_channel_layer  # noqa: PLC0415 - imports Django

    if (found := asked(event, group)) is not None:
        answer(get_channel_layer(layer), found, wrote=sockets, of=of)
