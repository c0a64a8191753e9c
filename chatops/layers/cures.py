"""What would help against what a server says, or against its silence."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from redis.exceptions import (
    AskError,
    AuthenticationError,
    ClusterDownError,
    MaxConnectionsError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisTimeout

from chatops.layers.opened import START
from chatops.model.rules.broker import CLIENTS, CLUSTER, MEMORY, ROLE

_CREDENTIALS = (
    "Correct the user name and password in `hosts` of CHANNEL_LAYERS, or in the URL; leave them "
    "out where the server wants none."
)
_POOL = (
    "Raise `max_connections` in `hosts`, or leave it out: the layer itself raises this as soon as "
    "it needs one more."
)
_TLS = "Where the server speaks no TLS on that port, write redis:// in place of rediss://."
_LOST = (
    f"{START} Where it runs, it may want TLS (rediss://), or have as many connections as its "
    "`maxclients` allows (CHO207)."
)
_CUT = re.compile(r"closed by server|connection lost|reset by peer|broken pipe", re.IGNORECASE)
_FULL = "max number of clients"
_SILENT = (OSError, RedisAway, RedisTimeout)

_BY_TYPE: Mapping[type[Exception], str] = {
    AuthenticationError: _CREDENTIALS,
    ReadOnlyError: ROLE.fix,
    OutOfMemoryError: MEMORY.fix,
    AskError: CLUSTER.fix,
    ClusterDownError: CLUSTER.fix,
    MaxConnectionsError: _POOL,
}
_BY_WORD = {
    "OOM ": MEMORY.fix,  # from a script
    "READONLY": ROLE.fix,
    "CROSSSLOT": CLUSTER.fix,
    "same slot": CLUSTER.fix,
    "non local key": CLUSTER.fix,
    "not in cluster": CLUSTER.fix,
    "username-password pair": _CREDENTIALS,  # redis-py tells it by another type at times
    "uthentication required": _CREDENTIALS,
    _FULL: CLIENTS.fix,
}


def cure(error: BaseException | None, hosts: Sequence[Mapping[str, Any]]) -> str | None:
    """Say what would help, `None` where nobody knows more than the error says."""
    text = str(error)
    for kind, fix in _BY_TYPE.items():
        if isinstance(error, kind):
            return fix
    for word, fix in _BY_WORD.items():
        if word in text:
            return fix
    if isinstance(error, TimeoutError | RedisTimeout) and any(map(_is_secret, hosts)):
        return f"{START} {_TLS}"
    if is_cut(text):
        return _LOST
    return START if isinstance(error, _SILENT) else None


def _is_secret(host: Mapping[str, Any]) -> bool:
    return str(host.get("address", "")).startswith("rediss://")


def is_cut(text: str) -> bool:
    """Tell whether a connection was made, and then lost."""
    return bool(_CUT.search(text))


def is_full(text: str) -> bool:
    """Tell whether a server said that it takes no more connections."""
    return _FULL in text


def spelt(error: ResponseError) -> str:
    """Give back to a text the word that redis-py takes off it."""
    return f"MOVED {error}" if isinstance(error, MovedError) else str(error)
