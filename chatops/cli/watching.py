"""What a tail is made of: what is watched, what is chosen, how it looks, who keeps it."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chatops.cli.following import Beside, follow
from chatops.errors import BadValue
from chatops.layers.listening.reading import reading
from chatops.model.choice import Choice
from chatops.model.until import Until
from chatops.operations.tail import How, tail
from chatops.operations.tally import Tally
from chatops.project.scope import Scope
from chatops.rendering.feed import open_feed
from chatops.rendering.look import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatops.cli.session import Session
    from chatops.model.message import Heard


def watch(  # noqa: PLR0913 - each is one thing that was asked for
    session: "Session",
    scope: Scope,
    until: Until,
    choice: Choice,
    look: Look,
    *,
    redact: tuple[str, ...],
    every: float | None,
    record: Path | None,
    command: str | None,
) -> None:
    """Show what is sent to the scope."""
    if look.raw and redact:
        raise BadValue("--raw and --redact contradict one another: the bytes hold all fields.")
    if record is not None:
        _require_whole(record, redact)
    feed = open_feed(session.surface, look)
    tally = Tally(apart=every is not None, only=scope.only)
    beside = Beside(tally=tally, room=scope.room, command=command, every=every)
    layer = session.layer
    for group in scope.watched.groups:
        layer.check_group(group)
    with _kept(record) as keep, reading(layer, scope.watched) as source:
        how = How(until=until, choice=choice, redact=redact, tally=tally, keep=keep)
        values = tail(layer, source.listen, scope, how)
        session.follow(follow(values, feed, session.surface, beside))
    if not tally.seen:
        session.alone()


def _require_whole(file: Path, redact: tuple[str, ...]) -> None:
    if str(file) == "-":
        raise BadValue("--record takes a file; --json writes to stdout.")
    if "type" in redact:
        raise BadValue(
            "--redact type and --record contradict one another: without its type, nothing can be "
            "replayed."
        )


@contextmanager
def _kept(file: Path | None) -> "Iterator[Callable[[Heard], None] | None]":
    """Lend what appends to the recording, `None` where there is none."""
    if file is None:
        yield None
        return
    # Here, because who records nothing must not pay for it.
    from chatops.recording.recorder import Recorder  # noqa: PLC0415

    with Recorder(file) as recorder:
        yield recorder.record
