"""Adapters that other packages bring, by the entry point `chatops.adapters`."""

from collections.abc import Mapping
from typing import Any

from chatops.errors import BrokenLayer, foreign
from chatops.layers.base import LayerAdapter

GROUP = "chatops.adapters"
"""An entry is named by the dotted path of a layer's class; its value is the adapter's class."""


def registered() -> Mapping[str, Any]:
    """Return the entry points by the dotted path of the layer that each is for, unloaded.

    Raises `BrokenLayer` where two packages bring an adapter for the same layer.
    """
    # Here, because it takes longer than all else that a command does before it asks the layer.
    from importlib.metadata import entry_points  # noqa: PLC0415

    found: dict[str, Any] = {}
    for entry in entry_points(group=GROUP):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise BrokenLayer(
                f"Two adapters are registered for {entry.name}: {other.value} of {_package(other)} "
                f"and {entry.value} of {_package(entry)}. Uninstall one of them."
            )
    return found


def loaded(entry: Any) -> type[LayerAdapter]:  # noqa: ANN401 - an entry point
    """Import the adapter; raises `BrokenLayer` where it is none."""
    what = f"The adapter {entry.value} that {_package(entry)} registers for {entry.name}"
    with foreign(BrokenLayer, f"{what} cannot be imported"):
        adapter = entry.load()
    if not (isinstance(adapter, type) and issubclass(adapter, LayerAdapter)):
        raise BrokenLayer(f"{what} is not a subclass of {LayerAdapter.__module__}.LayerAdapter.")
    return adapter


def _package(entry: Any) -> str:  # noqa: ANN401
    return entry.dist.name if entry.dist is not None else "a package"
