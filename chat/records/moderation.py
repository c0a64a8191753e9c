"""What staff may do about a room, a person or a message. It blocks, and records each act."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chat.models import Act, Message, Presence, Restriction, RoomState
from chat.records.store import lock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MODERATE = "chat.moderate"
"""The permission; a superuser has it, other staff are given it in the admin."""


class NotAllowed(PermissionDenied):
    """Whoever wants to act may not, or not any more."""


class NoSuchThing(ValueError):
    """There is nobody and nothing to act on; the message says so, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A wish of staff. A person is named by their id, or by the number of what they said."""

    kind: Act.Kind
    room: str
    number: int | None = None
    author: str | None = None
    minutes: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Person:
    author: str
    name: str


def may(user: object) -> bool:
    """Tell whether a user may act."""
    if not getattr(user, "is_staff", False):
        return False
    return bool(user.has_perm(MODERATE))  # type: ignore[attr-defined]  # a user model's own


def act(by: "User", order: Order) -> Act:
    """Do it and write it down, in one transaction; raises `NoSuchThing` and `NotAllowed`."""
    until = timezone.now() + timedelta(minutes=order.minutes) if order.minutes else None
    with transaction.atomic():
        with connection.cursor() as cursor:
            lock(cursor, [order.room])  # acts of a room have an order
        by_now = get_user_model().objects.filter(pk=by.pk).first()
        if by_now is None or not may(by_now):
            raise NotAllowed
        person = _do(order, until)
        done = Act.objects.create(
            by=by_now,
            by_name=by_now.get_username(),
            kind=order.kind,
            room=order.room,
            whom=person.name if person else "",
            author=person.author if person else "",
            number=order.number,
            until=until,
            why=order.why,
        )
        RoomState.objects.filter(name=order.room).update(acts=done.pk)
    return done


def _do(order: Order, until: datetime | None) -> _Person | None:
    match order.kind:
        case Act.Kind.LOCK | Act.Kind.UNLOCK:
            locked = order.kind == Act.Kind.LOCK
            RoomState.objects.filter(name=order.room).update(locked=locked)
            return None
        case Act.Kind.BAR | Act.Kind.UNBAR:
            barred = order.kind == Act.Kind.BAR
            RoomState.objects.filter(name=order.room).update(barred=barred)
            return None
        case Act.Kind.ERASE:
            return _erase(order)
        case Act.Kind.MUTE | Act.Kind.EXPEL:
            person = _person(order)
            Restriction.objects.update_or_create(
                room=order.room,
                author=person.author,
                kind=order.kind,
                defaults={"name": person.name, "until": until, "why": order.why},
            )
            return person
    person = _person(order)
    kind = "mute" if order.kind == Act.Kind.UNMUTE else "expel"
    held = Restriction.objects.filter(room=order.room, author=person.author, kind=kind)
    if not held.delete()[0]:
        text = (
            _("{name} is not muted here.") if kind == "mute" else _("{name} is not removed here.")
        )
        raise NoSuchThing(format_lazy(text, name=person.name))
    return person


def _erase(order: Order) -> _Person:
    message = _message(order)
    Message.objects.filter(pk=message.pk, removed_at=None).update(removed_at=timezone.now())
    return _Person(message.author, message.name)


def _message(order: Order) -> Message:
    message = Message.objects.filter(room=order.room, number=order.number or 0).first()
    if message is None:
        text = _("There is no message {number} in this room.")
        raise NoSuchThing(format_lazy(text, number=order.number))
    return message


def _person(order: Order) -> _Person:
    if order.author is None:
        message = _message(order)
        return _Person(message.author, message.name)
    named = (
        Presence.objects.filter(room=order.room, person=order.author),
        Restriction.objects.filter(room=order.room, author=order.author),
    )
    for rows in named:
        name = rows.values_list("name", flat=True).first()
        if name is not None:
            return _Person(order.author, name)
    raise NoSuchThing(_("There is no such person in this room."))
