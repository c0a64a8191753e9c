"""Where people connect from, and how many sockets one place may have to this process."""

import logging
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

SOCKETS: int = getattr(settings, "CHAT_SOCKETS", 500)
"""Sockets that one address may have; 0 is no bound."""

PROXIES: int = getattr(settings, "CHAT_PROXIES", 0)
"""Proxies before this site, each of which writes down in `X-Forwarded-For` who asked it."""

HOME = 64
"""Bits of an IPv6 address that one customer has; the others are theirs to choose."""

_WITH_PORT = re.compile(r"\[([^]]+)\](?::\d+)?|([\d.]+):\d+")  # as some proxies write it
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 addresses, as a network without them spells them."""

TOLD_EVERY = 60.0
"""Seconds between two lines in the log about full addresses."""


class Addresses:
    """How many sockets each address has; what has no address, as on a unix socket, is not bound."""

    def __init__(self, most: int = SOCKETS) -> None:
        self._most = most
        self._open: Counter[str] = Counter()
        self._tell_at = 0.0

    def come(self, address: str) -> bool:
        """Count a socket in; tell whether there was room for it. In either case it has to `go`."""
        if not (self._most and address):
            return True
        self._open[address] += 1
        if self._open[address] <= self._most:
            return True
        if monotonic() >= self._tell_at:
            self._tell_at = monotonic() + TOLD_EVERY
            logger.warning(
                "%s has all the %d sockets that CHAT_SOCKETS allows an address; "
                "where that is a proxy of yours, set CHAT_PROXIES.",
                address,
                self._most,
            )
        return False

    def go(self, address: str) -> None:
        """Count a socket out."""
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]


def of_scope(scope: Mapping[str, Any]) -> str:
    """Return where a socket comes from; nothing where nobody can know."""
    peer = scope.get("client") or ("",)
    sent = [
        value.decode("latin1") for name, value in scope["headers"] if name == b"x-forwarded-for"
    ]
    return seen(peer[0] or "", ",".join(sent))


def of_request(request: HttpRequest) -> str:
    """Return where a request comes from; nothing where nobody can know."""
    meta = request.META
    return seen(meta.get("REMOTE_ADDR") or "", meta.get("HTTP_X_FORWARDED_FOR", ""))


def seen(peer: str, forwarded: str, proxies: int = PROXIES) -> str:
    """Return who asked the outermost of our proxies; what was sent to it, anybody can write."""
    said = forwarded.split(",")[-proxies:] if proxies and forwarded else []
    return (_place(said[0].strip()) if said else "") or _place(peer)


@lru_cache(maxsize=1_000)
def _place(text: str) -> str:
    with_port = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address in _TRANSLATED:
        return str(IPv4Address(address.packed[-4:]))
    return str(IPv6Network((int(address), HOME), strict=False))


here = Addresses()
"""The sockets of this process."""
