"""Where a layer's messages go: what lies beyond this machine has a name."""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit


def beyond(hosts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the servers that are not on this machine, each once."""
    return list(dict.fromkeys(name for name in map(_name, hosts) if not is_here(name)))


def is_here(name: str) -> bool:
    """Tell whether a host's name or address leads nowhere else; a path is a socket here."""
    if name.startswith("/") or name in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name(host: Mapping[str, Any]) -> str:
    if "master_name" in host:
        return str(host["master_name"])
    if "address" in host:
        parts = urlsplit(str(host["address"]))
        return "" if parts.scheme == "unix" else parts.hostname or ""
    return "" if "path" in host or "unix_socket_path" in host else str(host.get("host", ""))
