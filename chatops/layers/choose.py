"""Choose the adapter for a channel layer."""

from importlib import import_module

from chatops.errors import BrokenLayer, UnknownLayer, Unsupported
from chatops.layers.base import LayerAdapter
from chatops.layers.build import backend_class

# Named, not imported: a command loads the one adapter that it uses.
_ADAPTERS = {
    "channels.layers.InMemoryChannelLayer": "chatops.layers.memory:MemoryAdapter",
    "channels_redis.core.RedisChannelLayer": "chatops.layers.core:CoreAdapter",
    "channels_redis.pubsub.RedisPubSubChannelLayer": "chatops.layers.pubsub:PubSubAdapter",
}

_UNTOUCHABLE = {
    "channels_postgres.core.PostgresChannelLayer": "its receive() takes every process's messages",
}


def adapter(alias: str) -> LayerAdapter:
    """Return the adapter for an alias of CHANNEL_LAYERS, unopened.

    A subclass of a known layer gets that layer's adapter; what is unknown gets the one that
    needs the public interface alone. Raises `UnknownLayer`,
    `BrokenLayer`, and `Unsupported` for what must not be touched.
    """
    from django.conf import settings  # noqa: PLC0415 - --help must not pay for Django

    configured = getattr(settings, "CHANNEL_LAYERS", {})
    if not isinstance(configured, dict):
        raise BrokenLayer(f"CHANNEL_LAYERS must be a dict, not {type(configured).__name__}.")
    if alias not in configured:
        known = ", ".join(map(repr, configured)) or "none: the setting is missing or empty"
        raise UnknownLayer(f"{alias!r} is not in CHANNEL_LAYERS; there are {known}.")
    match configured[alias]:
        case {"BACKEND": str(backend)}:
            pass
        case _:
            raise BrokenLayer(f"CHANNEL_LAYERS[{alias!r}] must be a dict with a BACKEND.")
    cls = backend_class(backend)
    for base in cls.__mro__ if cls else ():
        name = f"{base.__module__}.{base.__qualname__}"
        if name in _UNTOUCHABLE:
            raise Unsupported(f"chatops cannot use {backend}: {_UNTOUCHABLE[name]}.")
        if place := _ADAPTERS.get(name):
            module, _, adapter_name = place.partition(":")
            chosen: type[LayerAdapter] = getattr(import_module(module), adapter_name)
            return chosen(alias, backend)
    return LayerAdapter(alias, backend)
