"""What bytes look like that cannot be read, and how we tried to."""

import json
from typing import Any

_FERNET = b"gAAAA"
"""How whatever channels_redis has encrypted begins."""

_NAMES = {"MsgPackSerializer": "msgpack", "JSONSerializer": "JSON"}


def tried(layer: Any) -> str:  # noqa: ANN401 - a backend
    """Return how a layer of channels_redis reads: its serializer, and whether it has keys."""
    serializer = layer._serializer  # noqa: SLF001 - held by a test
    name = type(serializer).__name__
    has_keys = getattr(serializer, "crypter", None) is not None
    return f"{_NAMES.get(name, name)} with {'our' if has_keys else 'no'} key"


def looks(layer: Any, payload: bytes) -> str | None:  # noqa: ANN401 - a backend
    """Return what its sender seems to have done otherwise; `None` where nothing shows."""
    serializer = layer._serializer  # noqa: SLF001 - held by a test
    inner = payload[getattr(serializer, "random_prefix_length", 0) :]
    has_keys = getattr(serializer, "crypter", None) is not None
    if inner.startswith(_FERNET):
        return "its sender has another key" if has_keys else "its sender encrypts"
    if has_keys:
        return "its sender does not encrypt"
    return "its sender writes JSON" if _is_json(inner) else None


def _is_json(inner: bytes) -> bool:
    try:
        return isinstance(json.loads(inner), dict)
    except (ValueError, RecursionError):
        return False
