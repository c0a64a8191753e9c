"""One server of a layer of channels_redis, as that and redis-py read it from `hosts`.

A twin of `channels_redis.utils.decode_hosts`, `create_pool` and redis-py's `parse_url`, which
are not loaded; a test holds it against them.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

_SCHEMES = ("redis://", "rediss://", "unix://")
_FORMS = (
    "must be a URL that begins with redis://, rediss:// or unix://, a dict, or a pair of host "
    "and port"
)
_UNREADABLE = (
    "is a URL that redis-py cannot read: where a name or password has one of / ? # @ : in it, "
    "percent-encode it"
)
_TIMES_OUT = 8
"""The first version of redis-py that gives up a read by default, after so many seconds:"""
_DEFAULT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What of a server's options matters here; `problem` says why nothing can connect to it.

    `timeout` is how many seconds a read may take, `None` for ever; `decodes` whether what is
    received is text.
    """

    timeout: float | None = None
    db: int = 0
    decodes: bool = False
    problem: str | None = None


def decoded(hosts: object) -> Sequence[Host]:
    """Read the option `hosts`; without any, channels_redis takes one at localhost."""
    if not hosts:
        return [_host({})]
    if isinstance(hosts, str | bytes) or not isinstance(hosts, Sequence | AbstractSet):
        return [Host(problem=f"must be a list, not a {type(hosts).__name__}")]
    return [_read(entry) for entry in hosts]


def _read(entry: object) -> Host:
    match entry:
        case Mapping():
            options = dict(entry)
        case [_, _, *_]:
            options = {}
        case _:
            options = {"address": entry}
    if "address" in options:
        address = options["address"]
        if not isinstance(address, str) or not address.startswith(_SCHEMES):
            return Host(problem=_FORMS)
        try:
            options |= _from_url(address)
        except ValueError:  # its text may hold the password
            return Host(problem=_UNREADABLE)
    elif "master_name" in options and "sentinels" not in options:
        return Host(problem="has a master_name, but no sentinels")
    return _host(options)


def _host(options: Mapping[str, Any]) -> Host:
    timeout, db = options.get("socket_timeout", default_timeout()), options.get("db", 0)
    if not isinstance(timeout, int | float | None):
        return Host(problem="has a socket_timeout that is neither a number nor None")
    return Host(
        timeout=timeout,
        db=int(db) if str(db).isdecimal() else 0,
        decodes=bool(options.get("decode_responses")),
    )


def _from_url(address: str) -> dict[str, Any]:
    """Return what a URL says; it wins over the options beside it."""
    url = urlparse(address)
    _ = url.port  # raises ValueError where it is no number
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    said: dict[str, Any] = {}
    if "socket_timeout" in query:
        said["socket_timeout"] = float(query["socket_timeout"])
    if "decode_responses" in query:
        said["decode_responses"] = query["decode_responses"]  # any text of a URL counts as true
    if "db" in query:
        said["db"] = int(query["db"])
    elif url.scheme != "unix" and (number := unquote(url.path).replace("/", "")).isdecimal():
        said["db"] = int(number)
    return said


@cache
def default_timeout() -> float | None:
    """Return how long redis-py lets a read take by default, in seconds; `None` for ever."""
    major = _version().partition(".")[0]
    return _DEFAULT if major.isdecimal() and int(major) >= _TIMES_OUT else None


def _version() -> str:
    """Return redis-py's version, or nothing where there is none."""
    spec = find_spec("redis")
    if spec is None or spec.origin is None:
        return ""
    # By name, because importlib.metadata takes longer to load than all of our checks.
    beside = [each.name for each in Path(spec.origin).parent.parent.glob("redis-*.dist-info")]
    if len(beside) == 1:
        return beside[0].removeprefix("redis-")
    from importlib import metadata  # noqa: PLC0415

    return metadata.version("redis")
