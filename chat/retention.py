"""How long messages are kept. It blocks."""

from datetime import datetime

from django.db.models import Min

from chat.models import Message, RoomState


def prune(before: datetime, *, batch: int, most: int) -> int:
    """Delete up to `most` messages said before a moment, and return how many.

    In each room the lowest numbers go, and what is left has no hole. A transaction is as short
    as a batch, so nobody who speaks meanwhile has to wait.
    """
    deleted = 0
    for room, last in RoomState.objects.order_by("name").values_list("name", "last"):
        kept = Message.objects.filter(room=room, at__gte=before).aggregate(first=Min("number"))
        old = Message.objects.filter(room=room, number__lt=kept["first"] or last + 1)
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
