"""Ask a layer's broker probes, alone or all together, as a check does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from application import BACKENDS, opened

if TYPE_CHECKING:
    from chatops.layers.base import LayerAdapter
    from chatops.model.finding import Finding
    from chatops.model.rules.rule import Rule


def spread(settings: Any, kind: str, *urls: str, **config: object) -> str:
    """Configure the alias `default` on several hosts."""
    hosts = [{"address": url, "socket_timeout": None, "protocol": 2} for url in urls]
    entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": hosts, **config}}
    settings.CHANNEL_LAYERS = {"default": entry}
    return "default"


async def found(layer: LayerAdapter) -> dict[str, Finding]:
    """Return what all of the layer's broker probes find, side by side."""
    probes = layer.broker_probes()
    findings = await asyncio.gather(*(run() for run in probes.values()))
    assert [each.id for each in findings] == [rule.id for rule in probes]
    return {each.id: each for each in findings}


async def one(layer: LayerAdapter, rule: Rule) -> Finding:
    """Return what one probe finds."""
    return await layer.broker_probes()[rule]()


async def one_of(alias: str, rule: Rule, *, vouched: bool = True) -> Finding:
    """Open the layer, ask one probe, and close it."""
    async with opened(alias) as layer:
        layer.vouched = vouched
        return await one(layer, rule)
