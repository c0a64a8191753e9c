"""How many something reaches, in words."""

from chatops.model.room import Reach

_ONE = {"members": "member", "processes": "process"}


def counted(reach: Reach | None) -> str:
    """Say the count with its unit; `None` is a layer that cannot count."""
    if reach is None:
        return "as many as there are (this layer cannot count them)"
    unit = reach.unit.value
    return f"{reach.count} {_ONE[unit] if reach.count == 1 else unit}"
