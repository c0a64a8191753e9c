"""What the servers of a pubsub layer can be asked."""

from chatops.layers.broker import elsewhere, kinds, queued
from chatops.layers.broker.once import Once
from chatops.layers.broker.probes import Probes, Run, refusable, server_probes
from chatops.layers.broker.server import servers
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding
from chatops.model.rules import broker as rules
from chatops.model.rules.rule import Rule

_STORED = (rules.GHOSTS, rules.RESIDUE, rules.BACKLOG, rules.DEAF)
"""What only a layer that stores something has."""


def pubsub_probes(adapter: RedisAdapter) -> Probes:
    """Return what the servers of a pubsub layer can be asked."""
    asked = Once(lambda: servers(adapter))

    async def other_kind() -> Finding:
        return await kinds.core_beside_pubsub(adapter, await asked())

    async def codec() -> Finding:
        return queued.codec(await queued.passing_messages(adapter), "passed by")

    return refusable(
        {
            **server_probes(adapter, asked),
            **{rule: _nothing_stored(rule) for rule in _STORED},
            rules.OTHER_KIND: other_kind,
            rules.ELSEWHERE: lambda: elsewhere.elsewhere_on_pubsub(adapter),
            rules.CODEC: codec,
        }
    )


def _nothing_stored(rule: Rule) -> Run:
    async def run() -> Finding:
        return rule.none("this layer stores nothing on its server")

    return run
