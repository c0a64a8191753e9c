"""Build a channel layer from the project's settings, and what Channels says of names."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from chatops.errors import BadValue, BrokenLayer, foreign


def build(alias: str, backend: str, *, shared: bool = False) -> Any:  # noqa: ANN401 - has no base
    """Build the layer; raises `BrokenLayer` where its settings do not make one.

    The `shared` one is that which all of this process uses.
    """
    from channels.layers import channel_layers  # noqa: PLC0415 - imports Django

    # Not `get_channel_layer`: it turns a KeyError from inside the backend into None.
    with foreign(BrokenLayer, f"The channel layer {alias!r} ({backend}) cannot be built"):
        return channel_layers[alias] if shared else channel_layers.make_backend(alias)


def backend_class(backend: str) -> type | None:
    """Import the class that BACKEND names; `None` where it cannot be imported."""
    from django.utils.module_loading import import_string  # noqa: PLC0415 - imports Django

    try:
        with foreign(BrokenLayer, backend):
            found = import_string(backend)
    except BrokenLayer:  # told when the layer is built
        return None
    return found if inspect.isclass(found) else None


def require_group_name(group: str) -> None:
    """Raise `BadValue` for a name that some part of Channels would choke on."""
    _require(group, "group", _any_layer().require_valid_group_name)


def require_channel_name(channel: str) -> None:
    """Raise `BadValue` for a name that some part of Channels would choke on."""
    _require(channel, "channel", _any_layer().require_valid_channel_name)


@cache
def _any_layer() -> Any:  # noqa: ANN401 - as above
    from channels.layers import BaseChannelLayer  # noqa: PLC0415 - imports Django

    return BaseChannelLayer()


def _require(name: str, what: str, valid: Callable[[str], bool]) -> None:
    try:
        valid(name.replace("\n", " "))  # Channels itself overlooks a newline at the end
    except TypeError as error:
        raise BadValue(f"{name!r} is not a {what}'s name: {error}") from error
