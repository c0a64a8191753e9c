"""How each of the broker's rules is looked at, on either layer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from chatops.errors import ChatopsError
from chatops.layers.broker import health, room
from chatops.layers.broker.once import Once
from chatops.layers.broker.server import Server, judged, refused
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding
from chatops.model.rules import broker as rules
from chatops.model.rules.rule import Rule

Run = Callable[[], Awaitable[Finding]]
Probes = Mapping[Rule, Run]

_SERVER: Mapping[Rule, Callable[[RedisAdapter, Server], Finding]] = {
    rules.VERSION: health.version,
    rules.ROLE: health.role,
    rules.CLUSTER: health.cluster,
    rules.MEMORY: room.memory,
    rules.EVICTION: room.eviction,
    rules.BUFFERS: room.buffers,
    rules.CLIENTS: room.clients,
    rules.CLOCK: health.clock,
}


def server_probes(adapter: RedisAdapter, asked: Once[Sequence[Server]]) -> Probes:
    """Return what the servers say of themselves."""

    def one(rule: Rule, judge: Callable[[RedisAdapter, Server], Finding]) -> Run:
        async def run() -> Finding:
            return judged(rule, await asked(), lambda server: judge(adapter, server))

        return run

    return {rule: one(rule, judge) for rule, judge in _SERVER.items()}


def refusable(probes: Probes) -> Probes:
    """Add to each probe that is denied something what would allow it."""

    def one(rule: Rule, run: Run) -> Run:
        async def tried() -> Finding:
            try:
                return await run()
            except ChatopsError as error:
                return refused(rule, error)

        return tried

    return {rule: one(rule, run) for rule, run in probes.items()}
