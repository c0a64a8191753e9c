"""Send an event into rooms."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import ExitStack, aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from chatops.errors import BadSetting, BadValue, LayerAway, Refused, Unmatched
from chatops.layers.base import LayerAdapter
from chatops.layers.sending.each import ignore
from chatops.model.broadcast import Broadcast
from chatops.model.event import Saying
from chatops.model.order import Order
from chatops.model.result import Note
from chatops.model.target import Aim, Found
from chatops.operations.plan import Plan
from chatops.operations.run import Row, Run
from chatops.project.words import Words

if TYPE_CHECKING:
    from chatops.operations.journal import Journal

Agree = Callable[[int, Found], Awaitable[None]]
"""Is asked before so many rooms are sent to, of which these were found by globs; may raise."""

_PLAIN = Order()


async def at_once(count: int, found: Found) -> None:
    """Agree."""
    del count, found


async def broadcast(  # noqa: PLR0913 - each is what another floor decides
    layer: LayerAdapter,
    words: Words,
    aim: Aim,
    saying: Saying,
    order: Order = _PLAIN,
    *,
    resume: Path | None = None,
    agree: Agree = at_once,
    told: Callable[[str], None] = ignore,
) -> AsyncGenerator[Row, None]:
    """Send to each target the event made for it, and yield what came of it; a `Summary` is last.

    Nothing is sent unless every target and event passes the guard. With `resume`, what is done
    is written to that file, and what stands there is not done again. Cancelled, it yields what
    was sent and what was not, and ends as cancelled. `told` gets a line when it has to wait.
    Raises `Refused`, `Unmatched`, and `LayerAway` where the layer was away from the start.
    """
    with ExitStack() as stack:
        journal = None if resume is None else stack.enter_context(_journal(resume, saying))
        run = Run(layer, words, order, stack.enter_context(Plan()), journal)
        found = await run.aim(aim)
        event = await run.admit(saying if journal is None else journal.saying)
        for note in _skipping(order):
            yield note
        if not order.dry_run:
            await agree(len(run.plan), found)
        rows = run.foresee(event) if order.dry_run else run.send(event)
        async with aclosing(run.whole(rows, told)) as whole:
            async for row in whole:
                yield row


def _journal(file: Path, saying: Saying) -> "Journal":
    from chatops.operations.journal import Journal  # noqa: PLC0415 - rarely needed

    return Journal(file, saying)


async def broadcast_lines(  # noqa: PLR0913 - as above
    layer: LayerAdapter,
    words: Words,
    aim: Aim,
    sayings: AsyncIterable[Saying],
    order: Order = _PLAIN,
    *,
    agree: Agree = at_once,
    told: Callable[[str], None] = ignore,
) -> AsyncGenerator[Row, None]:
    """Send one message after the other to the same targets, each as it comes.

    What globs match is looked at anew, within a second; that may be nobody for a while.
    One that the guard refuses is told by its number, and the others go on. So they do where the
    layer is away for a while, once something was sent.
    """
    from chatops.operations.audience import Audience  # noqa: PLC0415 - for lines alone

    with Plan() as plan:
        run = Run(layer, words, order, plan)
        run.tally.messages = 0
        audience = Audience(layer, words.names, aim, plan)
        for note in [*await audience.begin(), *_skipping(order)]:
            yield note
        await agree(len(plan), audience.found)
        async with aclosing(run.whole(_lines(run, sayings, order, audience.meet), told)) as whole:
            async for row in whole:
                yield row


async def _lines(
    run: Run, sayings: AsyncIterable[Saying], order: Order, meet: Callable[[], Awaitable[None]]
) -> AsyncGenerator[Row, None]:
    number = 0
    async for saying in sayings:
        run.tally.messages = number = number + 1
        try:
            await meet()
            async with aclosing(_line(run, saying, order)) as rows:
                async for row in rows:
                    yield replace(row, line=number) if isinstance(row, Broadcast) else row
        except (LayerAway, Refused, Unmatched, BadValue, BadSetting) as error:
            if isinstance(error, LayerAway) and run.plan:
                if not run.tally.touched:
                    raise
                for row in run.failed(error.told):
                    yield replace(row, line=number)
                continue
            run.tally.refused += 1
            yield Note(note=f"Message {number} was not sent: {error.told}")


async def _line(run: Run, saying: Saying, order: Order) -> AsyncGenerator[Row, None]:
    event = await run.admit(saying)
    async with aclosing(run.foresee(event) if order.dry_run else run.send(event)) as rows:
        async for row in rows:
            yield row


def _skipping(order: Order) -> list[Note]:
    return [Note(note=f"--force: {name} not looked at.") for name in sorted(order.skip)]
