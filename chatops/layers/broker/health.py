"""Whether a server can carry the layer at all: version, role, cluster, clock."""

from typing import Any

from chatops.layers.broker.server import Server
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding
from chatops.model.rules.broker import CLOCK, CLUSTER, ROLE, VERSION

_BZPOPMIN = (5, 0)
_SKEW = 1.0
"""Seconds that two clocks which are set by NTP never differ."""


def version(_: RedisAdapter, server: Server) -> Finding:
    """Name the server; Redis before 5 lacks what the core layer reads by."""
    told = str(server["redis_version"])
    if "valkey_version" in server.fields:
        return VERSION.ok(f"Valkey {server['valkey_version']}")
    if tuple(int(part) for part in told.split(".")[:2] if part.isdigit()) < _BZPOPMIN:
        return VERSION.fail(f"Redis {told} is too old")
    return VERSION.ok(f"Redis {told}")


def role(adapter: RedisAdapter, server: Server) -> Finding:
    """See that it takes what is written, and passes on what is published."""
    if server.get("loading"):
        return ROLE.fail("the server is loading its data", "Wait until it has.")
    if server["role"] == "master":
        return ROLE.ok("primary")
    told = server.fields  # a managed server may leave these out
    primary = f"{told.get('master_host', '?')}:{told.get('master_port', '?')}"
    link = told.get("master_link_status", "unknown")
    means = (
        "nothing can be written"
        if adapter.kind == "core"
        else "what is published here stays on this replica"
    )
    return ROLE.fail(f"a replica of {primary} (link {link}): {means}")


def cluster(adapter: RedisAdapter, server: Server) -> Finding:
    """See that it is no cluster, which only the pubsub layer runs on."""
    if not int(server["cluster_enabled"]):
        return CLUSTER.ok("not a cluster")
    if adapter.kind == "core":
        return CLUSTER.fail("the server is a cluster, which the core layer cannot run on")
    return CLUSTER.ok("a cluster: messages pass, but who listens is known node by node")


def clock(adapter: RedisAdapter, server: Server) -> Finding:
    """Hold the server's clock against ours."""
    if adapter.kind != "core":
        return CLOCK.none("nothing on this layer goes by the clock")
    ahead, expiry = server.ahead, adapter.layer.expiry
    told = (
        f"the clock here is {abs(ahead):.1f} s {'ahead of' if ahead > 0 else 'behind'} the server's"
    )
    more: dict[str, Any] = {"value": round(ahead, 3), "unit": "s"}
    if abs(ahead) >= expiry:
        return CLOCK.fail(f"{told}, more than `expiry` ({expiry} s)", **more)
    if abs(ahead) > _SKEW:
        return CLOCK.warn(told, **more)
    return CLOCK.ok("the same here and on the server", **more)
