"""Send what a recording holds once more."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chatops.errors import BadValue, LayerAway, Refused, Unsupported
from chatops.layers.base import LayerAdapter, Sending
from chatops.model.broadcast import Broadcast
from chatops.model.deliveries import Deliveries
from chatops.model.message import Gap
from chatops.model.order import Guarded
from chatops.model.recorded import Flaw, Recorded
from chatops.model.replayed import Replay
from chatops.model.result import Note
from chatops.model.waiting import Waiting
from chatops.operations.cleared import cleared
from chatops.operations.done import Done
from chatops.operations.outcome import Outcomes
from chatops.operations.timeline import Take, timeline
from chatops.project.handlers import Consumer
from chatops.project.routes import Routes

if TYPE_CHECKING:
    from chatops.model.room import Reach

_PORT = re.compile(r":\d+$")

Replayed = Broadcast | Gap | Flaw | Note | Waiting | Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to replay: where to, how many times as fast (`None`: as fast as it goes), or not.

    `is_ours` tells whether nobody else uses a layer on this machine. Where it `must_prove`,
    something there has to show that the application can read what we send.
    """

    route: Routes
    speed: float | None = 1.0
    dry_run: bool = False
    yes_to: frozenset[str] = frozenset()
    is_ours: bool = True
    skip: frozenset[Guarded] = frozenset()
    must_prove: bool = False


async def replay(
    layer: LayerAdapter,
    recording: Callable[[], Iterable[Recorded | Flaw]],
    way: Way,
    consumers: Sequence[Consumer],
) -> AsyncGenerator[Replayed, None]:
    """Send each message in its turn, and yield what came of it, and last of all of them.

    The recording is read twice: nothing is sent unless every message passes the guard, and each
    room that is renamed was met. Raises `Refused`, `BadValue` for names that are none here, and
    `LayerAway` where the layer was away before anything was sent. When it is cancelled it yields
    first how far it came.
    """
    if not way.dry_run:
        _require_consent(layer, way.yes_to, is_ours=way.is_ours)
    to_do = await cleared(
        layer, recording(), way.route, consumers, way.skip, must_prove=way.must_prove
    )
    way.route.require_met()
    done = Done(to_do, handlers_checked=bool(consumers), skipped=way.skip)
    speed = None if way.dry_run else way.speed
    notes: list[str] = []
    plan = _Plan(layer, done)
    async with layer.sending(notes.append) as send:
        try:
            async for each in timeline(recording(), way.route, speed):
                match each:
                    case list() as takes if way.dry_run:
                        outcomes = [await plan.row(take) for take in takes]
                    case list() as takes:
                        outcomes = await _sent(send, takes, done)
                    case Waiting() | Gap() | Flaw():
                        done.told(each)
                        yield each
                        continue
                for note in notes:
                    yield Note(note=note)
                notes.clear()
                for outcome in outcomes:
                    yield outcome
        except asyncio.CancelledError:
            yield done.summary(interrupted=True)
            raise
    yield done.summary()


def _require_consent(layer: LayerAdapter, yes_to: frozenset[str], *, is_ours: bool) -> None:
    """Refuse a layer that somebody else may use, unless each place that it sends to was named."""
    beyond = layer.places()
    places = beyond or ["localhost"]
    named = {each if each in places else _PORT.sub("", each).strip("[]") for each in yes_to}
    if others := named.difference(places):
        told = ", ".join(sorted(others))
        raise BadValue(f"--yes-to {told}: this layer sends to {', '.join(places)}.")
    missing = [place for place in places if place not in named]
    if missing and (beyond or not is_ours):
        why = "" if beyond else ": DEBUG is false"
        raise Refused(
            f"The channel layer {layer} sends to {', '.join(missing)}, where real people may be"
            f"{why}. If that is what you mean, say "
            f"{' '.join(f'--yes-to {each}' for each in missing)}."
        )


class _Plan:
    """Says what would go out, and asks once for each group whom that would reach."""

    def __init__(self, layer: LayerAdapter, done: Done) -> None:
        self._layer = layer
        self._done = done
        self._reach: dict[str, Reach | None] = {}

    async def row(self, take: Take) -> Broadcast:
        """Count one that would be sent."""
        group = take.target.group
        if group not in self._reach:
            try:
                self._reach[group] = await self._layer.reach(group)
            except Unsupported:
                self._reach[group] = None
        size = self._layer.size(take.message.body)
        return replace(self._done.planned(take), reach=self._reach[group], bytes=size)


async def _sent(send: Sending, takes: Sequence[Take], done: Done) -> list[Broadcast]:
    groups = [take.target.group for take in takes]
    try:
        deliveries = await send(groups, [take.message.body for take in takes])
    except asyncio.CancelledError:
        done.unsure(takes)
        raise
    except LayerAway as error:
        if not done.touched:
            raise
        failed = dict.fromkeys(range(len(takes)), error.told)
        deliveries = Deliveries(unit=None, reach=[None] * len(takes), failed=failed)
    outcomes = Outcomes(deliveries)
    return [done.sent(take, outcomes[position]) for position, take in enumerate(takes)]
