"""The adapter of a layer whose serializer can be asked alone, without a server."""

from typing import Any

from chatops.layers.base import LayerAdapter


class SerializingAdapter(LayerAdapter):
    """A layer with a `serialize` and a `deserialize`, as channels_redis' and those like it."""

    async def echo(self, event: dict[str, Any]) -> dict[str, Any]:
        """Serialize and deserialize the event, and send nothing."""
        back: dict[str, Any] = self.layer.deserialize(self.layer.serialize(event))
        return back
