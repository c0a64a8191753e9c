"""How long messages are kept, and rooms where nothing was ever said. It blocks."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Min

from chat.models import Message, Presence, Restriction, RoomState


def prune(before: datetime, *, batch: int, most: int) -> int:
    """Delete up to `most` messages said before a moment, and return how many.

    In each room the lowest numbers go, and what is left has no hole. A transaction is as short
    as a batch, so nobody who speaks meanwhile has to wait.
    """
    deleted = 0
    said = Message.objects.filter(at__lt=before).order_by("room").values_list("room", flat=True)
    for room in said.distinct():
        kept = Message.objects.filter(room=room, at__gte=before).aggregate(first=Min("number"))
        old = Message.objects.filter(room=room)
        if kept["first"] is not None:
            old = old.filter(number__lt=kept["first"])
        while deleted < most:
            some = list(
                old.order_by("number").values_list("number", flat=True)[
                    : min(batch, most - deleted)
                ]
            )
            if not some:
                break
            deleted += old.filter(number__lte=some[-1]).delete()[0]
    return deleted


def forget_rooms(*, batch: int) -> int:
    """Delete the rooms where nobody is, nothing was said and staff never did anything.

    The others are kept, as short as a row is: somebody may come back who has heard up to a number.
    """
    deleted, after = 0, ""
    while True:
        with transaction.atomic():
            names = list(_idle(name__gt=after).select_for_update()[:batch])
            if not names:
                return deleted
            # Asked again: by now the rows are locked, and nobody comes in.
            deleted += RoomState.objects.filter(name__in=list(_idle(name__in=names))).delete()[0]
        after = names[-1]


def _idle(**more: object) -> "models.QuerySet[RoomState, str]":
    here = models.OuterRef("name")
    used = [kind.objects.filter(room=here) for kind in (Presence, Restriction)]
    free = RoomState.objects.filter(last=0, locked=False, acts=0, **more)
    for rows in used:
        free = free.exclude(models.Exists(rows))
    return free.order_by("name").values_list("name", flat=True)
