"""How channels_redis spells things on the server; private there, so each is held by a test."""

import re
from typing import Any

TAP = "chatops.tap."
"""How a tap's channel begins, so that it is left out of every count."""

PROBE = "chatops.probe"
"""How the groups and events of a check are called."""

RECEIPT = "chatops.receipt."
"""How the groups begin in which consumers answer a broadcast."""

COPY = "$inflight"
"""What is added to a queue's name for the copies that the core layer keeps."""

_TAP = TAP.encode()
_NAME = re.compile(r"[a-zA-Z0-9._-]{1,99}")
_PROCESS = re.compile(r"specific\.[0-9a-f]{32}!")


def is_tap(name: str | bytes) -> bool:
    """Tell a tap's channel from all others."""
    return name.startswith(_TAP) if isinstance(name, bytes) else name.startswith(TAP)


def is_name(text: str) -> bool:
    """Tell what may be the name of a group or of a channel that no process owns."""
    return bool(_NAME.fullmatch(text))


def is_process(text: str) -> bool:
    """Tell how the channels of a consumer's process begin, as Channels makes them."""
    return bool(_PROCESS.fullmatch(text))


def group_key(layer: Any, group: str) -> str:  # noqa: ANN401 - channels_redis has no types
    """Key of a group's sorted set on the core layer."""
    return f"{layer.prefix}:group:{group}"


def queue_key(layer: Any, channel: str) -> str:  # noqa: ANN401
    """Key of the queue that a channel's process reads on the core layer."""
    return f"{layer.prefix}{layer.non_local_name(channel)}"


def inflight_key(layer: Any, channel: str) -> str:  # noqa: ANN401
    """Key of the copy that the core layer keeps of a message while it is handed over."""
    return f"{queue_key(layer, channel)}{COPY}"


def group_channel(prefix: str, group: str) -> str:
    """Redis channel that carries a group on the pubsub layer."""
    return f"{prefix}__group__{group}"


def escaped(text: str) -> str:
    """Make a text match itself alone where Redis expects a glob."""
    return re.sub(r"([*?\[\]\\^])", r"\\\1", text)
