"""Which broadcast the options of `broadcast` ask for."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatops.cli.confirm import confirmed
from chatops.cli.said import Said, each_line
from chatops.errors import BadValue
from chatops.model.order import Order, skipped
from chatops.operations.broadcast import broadcast, broadcast_lines
from chatops.operations.run import Row
from chatops.project.words import words

if TYPE_CHECKING:
    from chatops.cli.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How it is to be done."""

    yes: bool
    rate: float | None
    dry_run: bool
    resume: Path | None
    force: Sequence[str]
    ack: float | None
    same_codec: bool


def broadcasting(session: "Session", said: Said, asked: Asked) -> AsyncGenerator[Row, None]:
    """Return the broadcast; raises `BadValue` for options that contradict one another."""
    is_alone = session.source.url is not None
    order = Order(
        skip=skipped(asked.force),
        rate=asked.rate,
        dry_run=asked.dry_run,
        ack=asked.ack,
        must_prove=is_alone and not (asked.same_codec or asked.dry_run),
    )
    if is_alone and said.type is None and said.event is None:
        raise BadValue(
            "Without a project, nobody knows the type of event that consumers handle: "
            "give it by --type or --event."
        )
    if asked.resume is not None and (said.is_lines or asked.dry_run):
        other = "--lines" if said.is_lines else "--dry-run"
        raise BadValue(f"--resume and {other} contradict one another.")
    agree = confirmed(yes=asked.yes or asked.dry_run, is_group=said.is_group)
    saying, aim = said.saying(), said.aim()
    known = words(session.conf, session.source.alias)
    if said.is_lines:
        return broadcast_lines(
            session.layer, known, aim, each_line(saying), order, agree=agree, told=session.note
        )
    return broadcast(
        session.layer, known, aim, saying, order,
        resume=asked.resume, agree=agree, told=session.note,
    )  # fmt: skip
