"""What was said, out of the database. All of it blocks; `database.py` has the threads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from chat import models
from chat.protocol.events import Message

if TYPE_CHECKING:
    from django.db.models import QuerySet

PAGE = 50
"""Messages of a page that a reader scrolls to."""

MISSED = 500
"""Messages that somebody who comes back is given; who missed more begins with the newest page."""

TEXT = 80_000
"""Characters of text in either; in JSON each may take 12, and common clients refuse a megabyte."""


LATELY = timedelta(days=1)
"""How far back who comes back is told what was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Messages of a room, in order.

    None between the first of them and the number `last` is missing. `gap`: some between what
    was asked for and the first are. `more`: there are older ones; in a `run`, newer ones.
    `erased`: numbers of those whose text was removed lately; of what was `missed`, of older ones.
    """

    messages: tuple[Message, ...]
    last: int
    gap: bool = False
    more: bool = False
    erased: tuple[int, ...] = ()


def last(room: str) -> int:
    """Return the newest number of a room; 0 before the first."""
    found = models.RoomState.objects.filter(name=room).values_list("last", flat=True)
    return found.first() or 0


def by_id(ids: Sequence[str]) -> dict[str, Message]:
    """Return those of these messages that are stored."""
    rows = models.Message.objects.filter(id__in=ids) if ids else models.Message.objects.none()
    return {message.id: message for message in _read(rows)}


def lately(room: str, after: int) -> Page:
    """Return what was said after a number, and no less than the newest page; at most `MISSED`."""
    newest = last(room)
    begin = min(after, newest - PAGE) if after and newest - after <= MISSED else newest - PAGE
    rows = models.Message.objects.filter(room=room, number__gte=begin, number__lte=newest)
    messages = _read(rows.order_by("number"))
    more = bool(messages) and messages[0].number == begin
    erased = models.Act.objects.filter(
        room=room, kind=models.Act.Kind.ERASE, at__gt=timezone.now() - LATELY
    ).values_list("number", flat=True)
    return Page(
        messages=messages[1:] if more else messages,
        last=newest,
        more=more,
        erased=tuple(number for number in erased if number),
    )


def missed(said: Page, after: int) -> Page | None:
    """Return what of `said` was missed after a number; the newest page where that is too much.

    The number is a client's. None where `said` cannot tell, as it does not reach that far.
    """
    count = said.last - after
    messages = said.messages[-count:] if 0 < count <= len(said.messages) else ()
    if after and (count < 0 or (len(messages) < count <= MISSED and said.more)):
        return None
    size = sum(len(message.text) for message in messages)
    if after and len(messages) == count and size <= TEXT:
        erased = tuple(number for number in said.erased if number <= after)[:PAGE]
        return Page(messages=messages, last=said.last, erased=erased)
    newest = page_of(said.messages, said.last)
    return replace(newest, gap=after > 0, more=newest.more or said.more)


def before(room: str, number: int) -> Page:
    """Return the page that ends just before a number."""
    rows = models.Message.objects.filter(room=room, number__lt=number).order_by("-number")
    return page_of(_read(rows[: PAGE + 1])[::-1], number - 1)


def page_of(messages: Sequence[Message], last: int) -> Page:
    """Return as many of these messages as a page has, the newest, of which `last` is the last."""
    kept: list[Message] = []
    size = 0
    for message in reversed(messages[-PAGE:]):
        size += len(message.text)
        if size > TEXT:
            break
        kept.append(message)
    more = len(kept) < len(messages)
    return Page(messages=tuple(reversed(kept)), last=last, more=more)


def run(room: str, after: int, most: int) -> Page:
    """Return the messages after a number, up to so many of them."""
    newest = last(room)  # first: what is committed after this is not part of the answer
    rows = models.Message.objects.filter(room=room, number__gt=after, number__lte=newest)
    messages = _read(rows.order_by("number")[:most])
    if len(messages) == most:
        newest = messages[-1].number or newest
        return Page(messages=messages, last=newest, more=True)
    return Page(messages=messages, last=max(newest, after))


def _read(rows: "QuerySet[models.Message]") -> tuple[Message, ...]:
    return tuple(
        Message(
            text=row.text,
            name=row.name,
            guest=row.guest,
            ref=row.ref or None,
            id=row.id,
            at=row.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            author=row.author or None,
            number=row.number,
            removed=row.removed_at is not None,
        )
        for row in rows
    )
