"""Whom one message after the other is for: what is named, and what globs match by then."""

import time
from collections.abc import Sequence
from dataclasses import replace

from chatops.errors import Unmatched
from chatops.layers.base import LayerAdapter
from chatops.model.result import Note
from chatops.model.target import Aim, Found
from chatops.operations.plan import Plan
from chatops.operations.targets import nobody, select
from chatops.project.rooms import RoomNames

_LOOK = 1.0
"""Seconds between two looks at which rooms there are."""
_BATCH = 1000
_FEW = 20
"""Named rooms of which it is told before the first message that nobody is in them."""


class Audience:
    """Keeps a plan as the aim has it; globs may match nobody for a while."""

    def __init__(self, layer: LayerAdapter, names: RoomNames, aim: Aim, plan: Plan) -> None:
        self._layer = layer
        self._names = names
        self._aim = aim
        self._plan = plan
        self._named = 0
        self._looked = 0.0
        self.found = Found()

    async def begin(self) -> Sequence[Note]:
        """Find out who there is, and say who is not; raises `Unmatched` where nobody is meant."""
        self.found = await self._look(self._plan)
        self._named = len(self._plan) - self.found.count
        self._aim = replace(self._aim, words=self.found.globs)
        if self._plan:
            return await self._absent()
        error = nobody(self._layer, self._aim, self.found)
        if not self.found.globs:
            raise error
        return [Note(note=f"{error.told} Lines are sent once somebody is.")]

    async def meet(self) -> None:
        """Match the globs anew, where that was a while ago; raises `Unmatched` for nobody."""
        if self.found.globs and time.monotonic() - self._looked > _LOOK:
            with Plan() as now:
                await self._look(now)
                self._plan.cut(self._named)
                for batch in now.batches(_BATCH):
                    for each in batch:
                        self._plan.add(each.target)
        if not self._plan:
            raise Unmatched(str(nobody(self._layer, self._aim, self.found)))

    async def _look(self, plan: Plan) -> Found:
        found = await select(self._layer, self._names, self._aim, plan)
        self._looked = time.monotonic()
        return found

    async def _absent(self) -> Sequence[Note]:
        """Say which of several named rooms are empty: a message may have been taken for one."""
        named = [each.target for each in next(self._plan.batches(_FEW))][: self._named]
        reaches = await self._layer.reaches([each.group for each in named])
        zipped = zip(named, reaches, strict=True)
        empty = [str(each) for each, reach in zipped if reach is not None and not reach.count]
        if not empty or len(empty) == len(named):
            return []
        rooms = ", ".join(map(repr, empty))
        return [Note(note=f"Nobody is in {rooms} now: with --lines, each word is a room.")]
