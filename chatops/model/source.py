"""Where a channel layer comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSource:
    """What another process needs to know to open the same channel layer.

    Either `settings`, a module to import with `path` in front of `sys.path`, or `url` of a
    Redis or Valkey server with `backend` ("core" or "pubsub") and `prefix`.
    """

    alias: str = "default"
    settings: str | None = None
    path: str | None = None
    url: str | None = None
    backend: str = "pubsub"
    prefix: str = "asgi"
