"""Send what a recording holds once more."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass

from chatops.errors import BadValue, LayerAway, Refused
from chatops.layers.base import LayerAdapter, Sending
from chatops.model.broadcast import Broadcast
from chatops.model.deliveries import Deliveries
from chatops.model.message import Gap, Message
from chatops.model.order import Guarded
from chatops.model.recorded import Flaw, Recorded
from chatops.model.replayed import Replay
from chatops.model.result import Note
from chatops.model.target import Target
from chatops.model.waiting import Waiting
from chatops.operations.cleared import cleared
from chatops.operations.done import Done
from chatops.operations.timeline import Take, timeline
from chatops.project.handlers import Consumer

Route = Callable[[Message | Gap], Target | None]
"""Says where a message goes; `None` for one that is left out."""

Replayed = Broadcast | Gap | Flaw | Note | Waiting | Replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to replay: where to, how many times as fast (`None`: as fast as it goes), or not."""

    route: Route
    speed: float | None = 1.0
    dry_run: bool = False
    yes_to: frozenset[str] = frozenset()
    skip: frozenset[Guarded] = frozenset()


async def replay(
    layer: LayerAdapter,
    recording: Callable[[], Iterable[Recorded | Flaw]],
    way: Way,
    consumers: Sequence[Consumer],
) -> AsyncGenerator[Replayed, None]:
    """Send each message in its turn, and yield what came of it, and last of all of them.

    The recording is read twice: nothing is sent unless every message passes the guard. Raises
    `Refused`, and `LayerAway` where the layer was away before anything was sent. When it is
    cancelled it yields first how far it came.
    """
    if not way.dry_run:
        _require_consent(layer, way.yes_to)
    to_do = await cleared(layer, recording(), way.route, consumers, way.skip)
    done = Done(to_do, handlers_checked=bool(consumers), skipped=way.skip)
    speed = None if way.dry_run else way.speed
    notes: list[str] = []
    async with layer.sending(notes.append) as send:
        try:
            async for each in timeline(recording(), way.route, speed):
                match each:
                    case list() as takes if way.dry_run:
                        outcomes = [done.planned(take) for take in takes]
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


def _require_consent(layer: LayerAdapter, yes_to: frozenset[str]) -> None:
    """Refuse a layer that reaches further than this machine, unless each place was named."""
    places = layer.places()
    if others := yes_to.difference(places):
        told = ", ".join(places) or "this machine alone"
        raise BadValue(f"--yes-to {', '.join(sorted(others))}: this layer sends to {told}.")
    if missing := [place for place in places if place not in yes_to]:
        raise Refused(
            f"The channel layer {layer} sends to {', '.join(missing)}, where real people may be. "
            f"If that is what you mean, say {' '.join(f'--yes-to {each}' for each in missing)}."
        )


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
        failed = dict.fromkeys(range(len(takes)), str(error))
        deliveries = Deliveries(unit=None, reach=[None] * len(takes), failed=failed)
    return [done.sent(take, deliveries, position) for position, take in enumerate(takes)]
