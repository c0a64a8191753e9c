"""Tell whether two processes read the same settings, without telling what they are."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def fingerprint(entry: Mapping[str, Any], salt: str) -> dict[str, str]:
    """Return a digest for each option of an entry of CHANNEL_LAYERS."""
    config = entry.get("CONFIG", {})
    values = {"BACKEND": entry.get("BACKEND")}
    values |= {f"CONFIG[{name!r}]": value for name, value in config.items()}
    return {
        name: hashlib.sha256(f"{salt}{_ADDRESS.sub('', repr(value))}".encode()).hexdigest()
        for name, value in values.items()
    }


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> Sequence[str]:
    """Name the options that are not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
