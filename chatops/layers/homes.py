"""On which server of several each name has its home."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def by_host(layer: Any, names: Iterable[str]) -> Mapping[int, Sequence[str]]:  # noqa: ANN401 - channels_redis has no types
    """Sort the names of queues or groups by the index of the core layer's host."""
    found: dict[int, list[str]] = {}
    for name in names:
        found.setdefault(layer.consistent_hash(name), []).append(name)
    return found
