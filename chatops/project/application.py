"""What the ASGI application gives away, without a server."""

from collections.abc import Callable, Sequence

from chatops.errors import BrokenProject, ChatopsError, foreign
from chatops.model.finding import Finding
from chatops.model.rules.application import BROADCAST, HANDLED, ORIGIN, ROUTING
from chatops.model.rules.rule import Rule
from chatops.project.handlers import consumers_of
from chatops.project.origin import origin_finding
from chatops.project.routing import routing_finding
from chatops.project.types import broadcast_finding, handled_finding
from chatops.project.walk import application, ways

_RULES = (HANDLED, BROADCAST, ORIGIN, ROUTING)


def application_findings() -> Sequence[Finding]:
    """Walk ASGI_APPLICATION, and say what stands between a browser and its consumers."""
    try:
        start = application()
    except BrokenProject as error:
        because = "ASGI_APPLICATION cannot be loaded (CHO304)"
        others = [rule.unknown(because) for rule in _RULES if rule is not ROUTING]
        return [*others, ROUTING.fail(str(error), "Correct it, and what it imports.")]
    if start is None:
        return [rule.none("ASGI_APPLICATION is not set (CHO009)") for rule in _RULES]
    try:
        with foreign(BrokenProject, "The way to the consumers could not be walked"):
            found = ways(start)
            consumers = consumers_of(found)
    except BrokenProject as error:
        return [rule.unknown(str(error)) for rule in _RULES]
    return [
        _looked(HANDLED, lambda: handled_finding(consumers)),
        _looked(BROADCAST, lambda: broadcast_finding(consumers)),
        _looked(ORIGIN, lambda: origin_finding(found)),
        _looked(ROUTING, lambda: routing_finding(start, found)),
    ]


def _looked(rule: Rule, look: Callable[[], Finding]) -> Finding:
    """Look at third parties' objects, which may raise anything."""
    try:
        with foreign(BrokenProject, "This could not be looked at"):
            return look()
    except ChatopsError as error:
        return rule.unknown(str(error))
