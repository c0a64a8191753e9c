"""Whether a server has room left: memory, eviction, connections, output buffers."""

from typing import Any

from chatops.layers.broker.server import Server
from chatops.layers.broker.words import sized
from chatops.layers.denied import Untold
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding
from chatops.model.rules.broker import BUFFERS, CLIENTS, EVICTION, MEMORY
from chatops.model.rules.rule import Rule

_WARN, _FAIL = 80.0, 95.0
_MB = 1024 * 1024
_SMALL = _MB


def memory(adapter: RedisAdapter, server: Server) -> Finding:
    """Hold what counts against `maxmemory`, as the server itself counts it, against it."""
    most = int(server["maxmemory"])
    if not most:
        return MEMORY.ok("no maxmemory is set")
    used = int(server["used_memory"]) - server.get("mem_not_counted_for_evict")
    told = f"{sized(used)} of {sized(most)}"
    if adapter.kind != "core":
        return MEMORY.ok(f"{told}; this layer stores nothing", value=_percent(used, most), unit="%")
    return _share(MEMORY, used, most, told)


def eviction(adapter: RedisAdapter, server: Server) -> Finding:
    """See that a full server evicts nothing of ours."""
    if adapter.kind != "core":
        return EVICTION.none("this layer keeps no keys")
    policy, evicted = server["maxmemory_policy"], server.get("evicted_keys")
    if policy == "noeviction" or not int(server["maxmemory"]):
        return EVICTION.ok(f"{policy}, nothing is evicted")
    if evicted:
        return EVICTION.fail(f"{policy}, and {evicted} keys were evicted since the server started")
    return EVICTION.warn(f"{policy}: groups and queues are evicted once memory is full")


def clients(_: RedisAdapter, server: Server) -> Finding:
    """Hold the connections against their limit."""
    used, most = int(server["connected_clients"]), int(server["maxclients"])
    refused = server.get("rejected_connections")
    told = f"{used} of {most}" + (f", {refused} were refused so far" if refused else "")
    return _share(CLIENTS, used, most, told)


def buffers(adapter: RedisAdapter, server: Server) -> Finding:
    """Hold what subscribers have not read yet against the limit at which they are cut off."""
    if adapter.kind != "pubsub":
        return BUFFERS.none("this layer does not subscribe")
    hard, soft, seconds = _limit(server.limits)
    least = min((size for size in (hard, soft) if size), default=0)
    if not least:
        return BUFFERS.ok("no limit is set")
    fullest = max(server.subscribers, key=lambda each: int(each["omem"]), default=None)
    used = int(fullest["omem"]) if fullest else 0
    told = f"{sized(used)} at the most, subscribers are cut off at {sized(least)}"
    if soft and least == soft:
        told += f" for {seconds} s"
    more: dict[str, Any] = {"value": _percent(used, least), "unit": "%"}
    if fullest and used >= least / 2:
        who = f"the subscriber at {fullest['addr']} reads too slowly"
        say = BUFFERS.fail if used >= least else BUFFERS.warn
        return say(f"{who}: {told}", **more)
    if least < _SMALL:
        return BUFFERS.warn(f"the limit is small: {told}", **more)
    cut = server.get("client_output_buffer_limit_disconnections")
    return BUFFERS.ok(told + (f"; {cut} clients of all sorts were so far" if cut else ""), **more)


def _limit(config: object) -> tuple[int, int, int]:
    """Read `normal 0 0 0 slave … pubsub 33554432 8388608 60`: hard, soft, seconds."""
    words = dict(config).get("client-output-buffer-limit", "").split()  # type: ignore[call-overload]
    if "pubsub" not in words:
        raise Untold("the server's CONFIG does not tell `client-output-buffer-limit`")
    start = words.index("pubsub") + 1
    hard, soft, seconds = map(int, words[start : start + 3])
    return hard, soft, seconds


def _percent(used: int, most: int) -> float:
    return round(100 * used / most, 1)


def _share(rule: Rule, used: int, most: int, told: str) -> Finding:
    share = _percent(used, most)
    if share >= _FAIL:
        return rule.fail(told, value=share, unit="%")
    if share >= _WARN:
        return rule.warn(told, value=share, unit="%")
    return rule.ok(told, value=share, unit="%")
