"""The part of a check that may be repeated every few seconds."""

from chatops.layers.base import LayerAdapter
from chatops.model.finding import Check
from chatops.model.rules.live import FAN_OUT, SEND
from chatops.model.rules.settings import BUILT
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.check import check

LIGHT = Wanted(only=frozenset({BUILT.id, SEND.id, FAN_OUT.id}), samples=3)
"""No other process, no question to the server, and little traffic."""


async def light_check(layer: LayerAdapter) -> Check:
    """See that the layer can be built, that messages come back, and that groups work."""
    return await check(layer, LayerSource(alias=layer.alias), LIGHT)
