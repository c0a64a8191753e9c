"""Whether another process uses the other kind of layer under the same prefix."""

import re
from collections.abc import Sequence

from chatops.errors import ChatopsError
from chatops.layers.broker.scan import keys
from chatops.layers.broker.server import Server
from chatops.layers.broker.traces import CORE, SCANS, core_groups, subscribed
from chatops.layers.choose import adapter as choose
from chatops.layers.redis import RedisAdapter
from chatops.layers.spelling import escaped, group_channel
from chatops.model.finding import Finding
from chatops.model.rules.broker import OTHER_KIND


async def pubsub_beside_core(adapter: RedisAdapter) -> Finding:
    """Look for subscriptions under our prefix, which the core layer never makes."""
    prefix = str(adapter.layer.prefix)
    found = [
        *await subscribed(adapter, group_channel(escaped(prefix), "*")),
        *await subscribed(adapter, f"{escaped(prefix)}specific.*"),
    ]
    if not found:
        return OTHER_KIND.ok("no subscription of the pubsub layer under this prefix")
    return _both(adapter, "pubsub", f"subscriptions of the pubsub layer, such as {found[0]}")


async def core_beside_pubsub(adapter: RedisAdapter, found_on: Sequence[Server]) -> Finding:
    """Look for the core layer's keys under our prefix, and for someone who still uses them."""
    prefix = str(adapter.layer.prefix)
    queue = re.compile(re.escape(prefix) + r"specific\.[0-9a-f]{32}!")
    for index, server in enumerate(found_on):
        client = adapter.client(index)
        names, _ = await keys(adapter, client, f"{escaped(prefix)}*", SCANS)
        queues = [name for name in names if queue.fullmatch(name)]
        groups = await core_groups(adapter, client, names)
        ours = [f"{prefix}{CORE}{name}" for start, name in groups if start == prefix]
        if queues or (ours and server.get("blocked_clients")):
            what = f"keys of the core layer that are in use, such as {(queues or ours)[0]}"
            return _both(adapter, "core", what)
    return OTHER_KIND.ok("no key of the core layer in use under this prefix")


def _both(adapter: RedisAdapter, other: str, what: str) -> Finding:
    from django.conf import settings  # noqa: PLC0415 - imports Django

    prefix = str(adapter.layer.prefix)
    for alias in settings.CHANNEL_LAYERS:
        if alias != adapter.alias and _kind(alias) == other:
            return OTHER_KIND.ok(f"{what}: the project's own layer {alias!r} is of that kind")
    return OTHER_KIND.warn(
        f"{adapter.kind} in this process, {other} in another: under the prefix {prefix!r} there "
        f"are {what}"
    )


def _kind(alias: str) -> str | None:
    try:
        return choose(alias).kind
    except ChatopsError:
        return None
