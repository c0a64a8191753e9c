"""The verb `replay`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatops.cli.options import SameCodec, verb
from chatops.model.capability import Capability
from chatops.model.target import is_glob

if TYPE_CHECKING:
    from chatops.cli.session import Session


_SLOWEST = 1e-6
"""A speed at which a second takes days."""


def pace(text: str) -> float | None:
    """Read `2x`, `0.5x` or `max`, which is `None`."""
    if text == "max":
        return None
    try:
        found = float(text.removesuffix("x"))
    except ValueError:
        found = 0.0
    if not _SLOWEST <= found < float("inf"):
        raise typer.BadParameter(f"{text!r} is not a speed such as 2x, 0.5x or max.")
    return found


def pairs(texts: list[str]) -> dict[str, str]:
    """Read each OLD=NEW."""
    found: dict[str, str] = {}
    for text in texts:
        old, _, new = text.partition("=")
        if not (old and new) or is_glob(text):
            raise typer.BadParameter(f"{text!r} is not OLD=NEW, the names of two rooms.")
        if old in found:
            raise typer.BadParameter(f"--map names {old!r} twice: a room goes into one other.")
        found[old] = new
    return found


@verb(
    Capability.CROSS_PROCESS,
    examples="chatops tail lobby --record friday.jsonl\nchatops replay friday.jsonl --dry-run\n"
    "chatops replay friday.jsonl --speed 10x --map lobby=rehearsal",
)
def replay(  # noqa: PLR0913 - each is one option
    session: "Session",
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording that tail made.")],
    *,
    speed: Annotated[
        str, typer.Option("--speed", metavar="SPEED", help="2x is twice as fast; or max.")
    ] = "1x",
    rooms: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OLD=NEW", help="Send into another room; repeatable."),
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="GLOB", help="Only what was in these rooms.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, send nothing.")] = False,
    yes_to: Annotated[
        list[str] | None,
        typer.Option(
            "--yes-to", metavar="HOST", help="Send to this host, though people may use it."
        ),
    ] = None,
    force: Annotated[
        list[str] | None,
        typer.Option(
            "--force", metavar="CHECK", help="Do without: handlers, size, codec, control."
        ),
    ] = None,
    same_codec: SameCodec = False,
) -> None:
    """Send what a recording holds once more, with the same pauses.

    Every message passes the guard of a broadcast before the first is sent. A layer on another
    machine, or of settings without DEBUG, may be the one that people use: it must be named by
    --yes-to.
    """
    # Here, because --help must not pay for it.
    from chatops.model.order import skipped  # noqa: PLC0415
    from chatops.operations import replay as operation  # noqa: PLC0415
    from chatops.project.handlers import consumers  # noqa: PLC0415
    from chatops.project.ours import is_ours  # noqa: PLC0415
    from chatops.project.routes import Routes  # noqa: PLC0415
    from chatops.recording.reading import settled  # noqa: PLC0415

    way = operation.Way(
        route=Routes(session.rooms, pairs(rooms or []), only),
        speed=pace(speed),
        dry_run=dry_run,
        yes_to=frozenset(yes_to or ()),
        is_ours=is_ours(session.source),
        skip=skipped(force or ()),
        must_prove=session.source.url is not None and not (same_codec or dry_run),
    )
    session.act(operation.replay(session.layer, settled(file), way, consumers()))
