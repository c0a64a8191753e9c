"""Remove what dead processes left behind."""

from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from fnmatch import fnmatchcase

from chatops.layers.base import LayerAdapter
from chatops.model.residue import Fate, Pruned, Residue
from chatops.project.rooms import RoomNames


async def prune(
    layer: LayerAdapter, names: RoomNames, pattern: str, *, do: bool
) -> AsyncGenerator[Residue | Pruned, None]:
    """Yield each thing that a dead process left behind, and what became of it; then the sum.

    `pattern` is a glob over rooms; what belongs to no room is matched by its group, and what
    is in no group only by `*`. Nothing is changed unless `do`; then each is looked at again
    right before it is removed.
    """

    def wanted(group: str) -> bool:
        return fnmatchcase(names.room(group) or group, pattern)

    fates: Counter[Fate] = Counter()
    async for batch in layer.residue(wanted):
        for each in await layer.remove(batch) if do else batch:
            fates[each.fate] += 1
            room = names.room(each.group) if each.group is not None else None
            yield replace(each, room=room)
    yield Pruned(
        pattern=pattern,
        planned=fates[Fate.PLANNED],
        removed=fates[Fate.REMOVED],
        kept=fates[Fate.KEPT],
        gone=fates[Fate.GONE],
    )
