"""Whether the layer can be made, and takes a message at all."""

from collections.abc import Iterable

from chatops.errors import BrokenLayer, ChatopsError, LayerAway, LayerRaised, LayerRefused, foreign
from chatops.layers.base import LayerAdapter
from chatops.layers.opened import START
from chatops.model.finding import Finding
from chatops.model.rules.live import SEND
from chatops.model.rules.rule import Rule
from chatops.model.rules.settings import BUILT
from chatops.operations.probe import PATIENCE, TYPE

_RAISES = (
    "Correct the options in CHANNEL_LAYERS (CHO005), or the server's settings, or report this to "
    "the layer's authors."
)


def built(layer: LayerAdapter) -> Finding:
    """Make the layer."""
    try:
        _ = layer.layer
    except BrokenLayer as error:
        return BUILT.fail(str(error), f"Correct CHANNEL_LAYERS[{layer.alias!r}].")
    return BUILT.ok(layer.backend)


async def contact(layer: LayerAdapter) -> ChatopsError | None:
    """Send one message and take it; returns the error where the layer is away, or refuses."""
    try:
        # What it raises for any event is none of a serializer's complaints about this one.
        with foreign(LayerRaised, f"The channel layer {layer} cannot send"):
            await layer.send(channel := await layer.new_channel(), {"type": TYPE})
            # Else it would be one more in a queue that other probes use; that it came is not asked.
            await layer.receive(channel, PATIENCE)
    except ChatopsError as error:
        return error
    return None


def answers(error: ChatopsError | None) -> bool:
    """Tell whether somebody was there, whatever was said."""
    return not isinstance(error, LayerAway) or isinstance(error, LayerRaised | LayerRefused)


def not_tried(error: ChatopsError, rules: Iterable[Rule]) -> list[Finding]:
    """Say why nothing else was tried."""
    fix = error.fix or (_RAISES if isinstance(error, LayerRaised | LayerRefused) else START)
    failed = error.felt or isinstance(error, LayerAway)
    return [
        SEND.fail(str(error), fix) if failed else SEND.unknown(str(error), error.fix),
        *(
            rule.unknown(f"not tried, because {SEND.name} was not possible")
            for rule in rules
            if rule is not SEND
        ),
    ]
