"""Where a channel layer comes from."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSource:
    """What another process needs to know to open the same channel layer.

    Either `settings`, a module to import with `path` in front of `sys.path`, or `url` of a
    Redis or Valkey server with all that stands below it. What is secret is in no repr; hand
    it to a process by a pipe. `cautions` is what the user should be told.
    """

    alias: str = "default"
    settings: str | None = None
    path: str | None = None
    url: str | None = field(default=None, repr=False)
    backend: str = "pubsub"
    prefix: str = "asgi"
    serializer: str = "msgpack"
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    keys: tuple[str, ...] = field(default=(), repr=False)
    cautions: tuple[str, ...] = ()

    @property
    def looked(self) -> str | None:
        """Say as what a server alone is looked at, for where nobody is found; else `None`."""
        if self.url is None:
            return None
        other = "pubsub" if self.backend == "core" else "core"
        return (
            f"Looked as {self.backend}, prefix {self.prefix!r}: where the application's layer is "
            f"another, say so by --backend {other} or --prefix."
        )
