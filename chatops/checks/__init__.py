"""What settings alone give away: no library is loaded, nothing is asked, and no time is spent."""

from collections.abc import Sequence
from typing import Any

from chatops.model.finding import Finding


def settings_findings(alias: str, entry: dict[str, Any], kind: str | None) -> Sequence[Finding]:
    """Look at one entry of CHANNEL_LAYERS and at the settings around it.

    `kind` is "memory", "core" or "pubsub", `None` for a layer that nothing more is known of.
    """
    del alias, entry, kind
    return ()
