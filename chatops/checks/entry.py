"""One entry of CHANNEL_LAYERS, as Channels would read it."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from chatops.checks.host import Host, decoded

KINDS = {
    "channels.layers.InMemoryChannelLayer": "memory",
    "channels_redis.core.RedisChannelLayer": "core",
    "channels_redis.pubsub.RedisPubSubChannelLayer": "pubsub",
}
"""The layers whose options are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is well-formed. `strays` are the keys beside CONFIG, which Channels does not read.

    `known` is the kind where BACKEND is that very class: one that extends it may read its
    options in another way.
    """

    backend: str
    config: Mapping[str, Any]
    strays: Sequence[str] = ()

    @classmethod
    def read(cls, raw: object) -> Self | None:
        """Read an entry, `None` where it is malformed."""
        match raw:
            case {"BACKEND": str(backend), **more}:
                config = more.pop("CONFIG", {})
                strays = [str(key) for key in more if key != "TEST_CONFIG"]
                if isinstance(config, Mapping) and all(isinstance(key, str) for key in config):
                    return cls(backend=backend, config=config, strays=strays)
        return None

    @property
    def known(self) -> str | None:
        """The kind of layer, where BACKEND is a class whose options are known."""
        return KINDS.get(self.backend)

    @property
    def hosts(self) -> Sequence[Host]:
        """The servers of a layer of channels_redis."""
        return decoded(self.config.get("hosts"))


def kind_of(backend: str) -> str | None:
    """Say which layer BACKEND is or extends; of what is not loaded, only its name is known."""
    module, _, name = backend.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    bases = found.__mro__ if isinstance(found, type) else ()
    names = (backend, *(f"{base.__module__}.{base.__qualname__}" for base in bases))
    return next((KINDS[name] for name in names if name in KINDS), None)
