"""Which processes of a core layer are alive, and which only look dead."""

import time
from collections.abc import Mapping
from typing import NamedTuple

from chatops.errors import ChatopsError
from chatops.layers.broker.consent import may_ask
from chatops.layers.broker.liveness import alive
from chatops.layers.clients import Connections
from chatops.layers.redis import RedisAdapter
from chatops.model.member import Life

_SILENT = "it took neither of two messages from its queue"


class Verdict(NamedTuple):
    """What is known of a process, and why."""

    life: Life
    why: str


LIVING = Verdict(Life.ALIVE, "it took two messages from its queue")


class Lives:
    """Asks each process once; who does not answer is a ghost only where it cannot be alive."""

    def __init__(self, adapter: RedisAdapter, patience: float) -> None:
        self._adapter = adapter
        self._patience = patience
        self.known: dict[str, Verdict] = {}

    async def of(self, joined: Mapping[str, float]) -> Mapping[str, Verdict]:
        """Tell of each process, named as `specific.<hex>!`, what is known of it.

        With each comes when its newest member joined, in seconds since the epoch.
        """
        new = {each: at for each, at in joined.items() if each not in self.known}
        if new:
            self.known |= await self._ask(new)
        return {each: self.known[each] for each in joined}

    async def _ask(self, joined: Mapping[str, float]) -> Mapping[str, Verdict]:
        started = time.monotonic()
        try:
            await may_ask(self._adapter, list(joined))
            answers = await alive(self._adapter, list(joined), self._patience)
        except ChatopsError as error:
            return dict.fromkeys(joined, Verdict(Life.UNKNOWN, error.told))
        if all(answers.values()):
            return dict.fromkeys(joined, LIVING)
        try:
            open_ = await Connections.seen_by(self._adapter)
        except ChatopsError as error:
            silent = Verdict(Life.SILENT, f"{_SILENT}; it may be busy or stopped: {error.told}")
            return {each: LIVING if answer else silent for each, answer in answers.items()}
        waited = time.monotonic() - started
        return {
            each: LIVING if answer else _judged(open_.doubt(joined[each], waited))
            for each, answer in answers.items()
        }


def _judged(doubt: str | None) -> Verdict:
    if doubt is None:
        return Verdict(Life.GHOST, f"{_SILENT}, and has no connection")
    return Verdict(Life.SILENT, f"{_SILENT}; it may be busy or stopped: {doubt}")
