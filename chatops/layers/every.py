"""An adapter for each alias of CHANNEL_LAYERS, whatever state its entry is in."""

from typing import Any, NoReturn

from chatops.errors import BrokenLayer, ChatopsError
from chatops.layers.base import LayerAdapter
from chatops.layers.choose import adapter, entries


class Unopened(LayerAdapter):
    """Stands for a layer that there is no adapter for, and says why as soon as it is used."""

    def __init__(self, alias: str, why: ChatopsError) -> None:
        super().__init__(alias, "not known")
        self._why = why

    @property
    def entry(self) -> dict[str, Any]:
        """Nothing that could be read."""
        return {}

    def _built(self) -> NoReturn:
        raise self._why


def every_layer() -> list[LayerAdapter]:
    """Return the adapters, unopened, in the order of the setting.

    Raises `BrokenLayer` where there is no alias at all.
    """
    configured = entries()
    if not configured:
        raise BrokenLayer("CHANNEL_LAYERS is missing or empty.")
    return [_adapter(str(alias)) for alias in configured]


def _adapter(alias: str) -> LayerAdapter:
    try:
        return adapter(alias)
    except ChatopsError as error:
        return Unopened(alias, error)
