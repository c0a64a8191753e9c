"""Whether Channels can make the layer, as far as that shows without loading it."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from chatops.checks.entry import KINDS, Entry
from chatops.checks.options import KNOWN, nearest
from chatops.model.finding import Finding
from chatops.model.rules.settings import BUILT

_LIGHT = ("channels", "channels_redis")
"""Packages whose import costs nothing: looking for a module of theirs imports them."""


def built(alias: str, raw: object) -> Finding:
    """Say why Channels could not make the layer, as far as one can know."""
    problem = _malformed(raw)
    if problem is None and (entry := Entry.read(raw)):
        problem = _missing(entry.backend) or _refused(entry)
        if problem is None:
            return BUILT.ok(entry.backend)
    return BUILT.fail(problem or "it is malformed", f"Correct CHANNEL_LAYERS[{alias!r}].")


def _malformed(raw: object) -> str | None:
    if not isinstance(raw, Mapping):
        return f"it must be a dict, not a {type(raw).__name__}"
    backend, config = raw.get("BACKEND"), raw.get("CONFIG", {})
    if "ROUTING" in raw:
        return "ROUTING is of Channels 1, and no longer allowed"
    if not isinstance(backend, str) or not is_dotted(backend):
        return "it has no BACKEND that is a dotted path"
    if not isinstance(config, Mapping):
        return f"CONFIG must be a dict, not a {type(config).__name__}"
    if not all(isinstance(key, str) for key in config):
        return "CONFIG has a key that is no text"
    return None


def is_dotted(path: str) -> bool:
    """Tell whether a text could be the path of something in a module."""
    parts = path.split(".")
    return len(parts) > 1 and all(part.isidentifier() for part in parts)


def _missing(backend: str) -> str | None:
    """Say what of BACKEND is not there; of a stranger's package only whether it is installed."""
    module, _, name = backend.rpartition(".")
    top = module.partition(".")[0]
    absent = f"BACKEND is {backend!r}, and {module} has no {name}"
    if loaded := sys.modules.get(module):
        return None if hasattr(loaded, name) else absent
    if not is_installed(top):
        return f"BACKEND is {backend!r}, and the package {top!r} is not installed"
    if backend in KINDS or top not in _LIGHT:
        return None
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        return f"BACKEND is {backend!r}, and there is no {module}"
    return None if f"class {name}" in Path(spec.origin).read_text("utf-8") else absent


def is_installed(package: str) -> bool:
    """Tell whether a top-level package is there, without importing it."""
    try:
        return find_spec(package) is not None
    except ValueError:  # it is loaded, and says not from where, as __main__ does
        return True


def _refused(entry: Entry) -> str | None:
    """Say which option the layer's class would raise for."""
    if entry.known is None:
        return None
    unknown = [key for key in entry.config if key not in KNOWN[entry.known]]
    if unknown and entry.known != "pubsub":  # which takes any
        return f"the layer has no option {unknown[0]!r}{nearest(unknown[0], entry.known)}"
    return None if entry.known == "memory" else _refused_by_redis(entry)


def _refused_by_redis(entry: Entry) -> str | None:
    if not isinstance(entry.config.get("prefix", ""), str):
        return "prefix must be text"
    if isinstance(keys := entry.config.get("symmetric_encryption_keys"), str | bytes):
        return "symmetric_encryption_keys must be a list"
    if keys and not is_installed("cryptography"):
        return "symmetric_encryption_keys needs the package 'cryptography'"
    hosts = enumerate(entry.hosts)
    return next((f"hosts[{n}] {host.problem}" for n, host in hosts if host.problem), None)
