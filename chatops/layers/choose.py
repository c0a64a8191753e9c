"""Choose the adapter for a channel layer."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from chatops.errors import BrokenLayer, UnknownLayer
from chatops.layers.base import LayerAdapter
from chatops.layers.build import backend_class
from chatops.layers.registered import loaded, registered

# Named, not imported: a command loads the one adapter that it uses.
_ADAPTERS = {
    "channels.layers.InMemoryChannelLayer": "chatops.layers.memory:MemoryAdapter",
    "channels_redis.core.RedisChannelLayer": "chatops.layers.core:CoreAdapter",
    "channels_redis.pubsub.RedisPubSubChannelLayer": "chatops.layers.pubsub:PubSubAdapter",
    "channels_lite.layers.core.SQLiteChannelLayer": "chatops.layers.lite:LiteAdapter",
    "channels_postgres.core.PostgresChannelLayer": "chatops.layers.postgres:PostgresAdapter",
}


def adapter(alias: str) -> LayerAdapter:
    """Return the adapter for an alias of CHANNEL_LAYERS, unopened.

    A subclass of a known layer gets that layer's adapter; what is unknown gets the one that
    needs the public interface alone. Raises `UnknownLayer` and `BrokenLayer`.
    """
    configured = entries()
    if alias not in configured:
        known = ", ".join(map(repr, configured)) or "none: the setting is missing or empty"
        raise UnknownLayer(f"{alias!r} is not in CHANNEL_LAYERS; there are {known}.")
    match configured[alias]:
        case {"BACKEND": str(backend)}:
            pass
        case _:
            raise BrokenLayer(f"CHANNEL_LAYERS[{alias!r}] must be a dict with a BACKEND.")
    return _adapter_class(backend)(alias, backend)


def entries() -> Mapping[str, Any]:
    """Return CHANNEL_LAYERS; raises `BrokenLayer` where that is no dict."""
    from django.conf import settings  # noqa: PLC0415 - --help must not pay for Django

    configured = getattr(settings, "CHANNEL_LAYERS", {})
    if not isinstance(configured, dict):
        raise BrokenLayer(f"CHANNEL_LAYERS must be a dict, not {type(configured).__name__}.")
    return configured


def _adapter_class(backend: str) -> type[LayerAdapter]:
    """Return what is there for the layer itself, or for the nearest class that it extends."""
    cls = backend_class(backend)
    if cls is None:  # told when the layer is built
        return LayerAdapter
    exactly = [backend, _path(cls)]  # a package may offer its class from another place
    if own := next((name for name in exactly if name in _ADAPTERS), None):
        return _own(own)
    others = registered()
    for name in (backend, *map(_path, cls.__mro__)):
        if name in others:
            return loaded(others[name])
        if name in _ADAPTERS:
            return _own(name)
    return LayerAdapter


def _path(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _own(name: str) -> type[LayerAdapter]:
    module, _, adapter_name = _ADAPTERS[name].partition(":")
    chosen: type[LayerAdapter] = getattr(import_module(module), adapter_name)
    return chosen
