"""What all probes share: how they name themselves, and how long they wait."""

import secrets

from chatops.layers.spelling import PROBE, RECEIPT

TYPE = PROBE
"""The type of our events, and how the names of our groups begin."""

OURS = (PROBE, RECEIPT)
"""How the names of groups begin that are no room's, but our own for a while."""

LEASE = 60
"""Seconds that a probe's group outlives us, should we be killed, where the layer can forget it."""

PATIENCE = 2.0
"""Seconds that one message may take to come back."""


def probe_group() -> str:
    """Return a group name that is nobody else's."""
    return f"{TYPE}.{secrets.token_hex(8)}"
