"""Choose the adapter for a channel layer."""

from importlib import import_module

from chatops.errors import BrokenLayer, UnknownLayer
from chatops.layers.base import LayerAdapter
from chatops.layers.build import backend_class

# Named, not imported: a command loads the one adapter that it uses.
_ADAPTERS = {
    "channels.layers.InMemoryChannelLayer": "chatops.layers.memory:MemoryAdapter",
    "channels_redis.core.RedisChannelLayer": "chatops.layers.core:CoreAdapter",
    "channels_redis.pubsub.RedisPubSubChannelLayer": "chatops.layers.pubsub:PubSubAdapter",
}


def adapter(alias: str) -> LayerAdapter:
    """Return the adapter for an alias of CHANNEL_LAYERS, unopened.

    A subclass of a known layer gets that layer's adapter; what is unknown gets the one that
    needs the public interface alone. Raises `UnknownLayer` and `BrokenLayer`.
    """
    from django.conf import settings  # noqa: PLC0415 - --help must not pay for Django

    configured = getattr(settings, "CHANNEL_LAYERS", {})
    if alias not in configured:
        known = ", ".join(map(repr, configured)) or "none: the setting is missing or empty"
        raise UnknownLayer(f"{alias!r} is not in CHANNEL_LAYERS; there are {known}.")
    backend = configured[alias].get("BACKEND")
    if not isinstance(backend, str):
        raise BrokenLayer(f"CHANNEL_LAYERS[{alias!r}] has no BACKEND.")
    cls = backend_class(backend)
    for base in cls.__mro__ if cls else ():
        if place := _ADAPTERS.get(f"{base.__module__}.{base.__qualname__}"):
            module, _, name = place.partition(":")
            chosen: type[LayerAdapter] = getattr(import_module(module), name)
            return chosen(alias, backend)
    return LayerAdapter(alias, backend)
