"""Whether a layer sends as its library does, and not in a way of a subclass of its own."""

from typing import Any

_OWN = ("group_send", "_group_key", "_map_channel_keys_to_connection", "connection", "_get_layer")
_LIBRARY = "channels_redis."


def as_shipped(layer: Any) -> bool:  # noqa: ANN401 - channels_redis has no types
    """Tell whether all that sending to a group is made of is the library's own."""
    found = [getattr(type(layer), name, None) for name in _OWN]
    return all(each.__module__.startswith(_LIBRARY) for each in found if each is not None)
