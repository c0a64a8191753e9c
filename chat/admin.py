"""What staff see of the chat, and do about it; each act is recorded and holds at once."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from chat.broker.layer import AWAY, patiently
from chat.models import Act, Message, Presence, Restriction, RoomState
from chat.protocol import signals
from chat.protocol.rooms import groups
from chat.records import moderation

ROW = 80
"""Characters of a text that a row of a list holds."""


def moderates(
    kind: Act.Kind, description: str, order: Callable[[Any], dict[str, Any]]
) -> Callable[..., None]:
    """Return an admin action that does this to each of the rows, of which `order` says which."""

    @admin.action(description=description, permissions=["moderate"])
    def action(model: "ReadOnly", request: HttpRequest, rows: QuerySet[Model]) -> None:
        done = []
        for row in rows:
            with suppress(moderation.NoSuchThing):  # gone meanwhile
                wish = moderation.Order(kind=kind, room=room_of(row), **order(row))
                done.append(moderation.act(request.user, wish))  # type: ignore[arg-type]  # staff
        announce(done)
        model.message_user(request, f"{kind.label.capitalize()}: {len(done)}.")

    action.__name__ = kind.value
    return action


def room_of(row: Any) -> str:  # noqa: ANN401 - of any of these models
    """Return the room that a row is about."""
    return str(row.name if isinstance(row, RoomState) else row.room)


def announce(acts: Iterable[Act]) -> None:
    """Have the servers look at once; without a broker they do within a second."""
    layer: Any = get_channel_layer()
    for act in acts:
        with suppress(*AWAY):
            event = signals.act(act.pk)
            async_to_sync(patiently)(layer.group_send(groups.group(act.room), event))


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that are what happened: nobody adds, changes or deletes any."""

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Tell who may act."""
        return moderation.may(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Tell who may see: whoever may act, too."""
        return moderation.may(request.user) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whose front page has a link."""
        return moderation.may(request.user) or super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Tell that nothing is added from here."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: Model | None = None,  # noqa: ARG002 - Django's signature
    ) -> bool:
        """Tell that nothing is changed by hand."""
        return False

    has_delete_permission = has_change_permission


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """A message is what was said; a removed one is still there, for staff alone."""

    list_display = ("room", "number", "at", "name", "guest", "shortened", "removed_at")
    list_filter = ("removed_at", "guest")
    search_fields = ("=room", "name", "text")
    date_hierarchy = "at"
    ordering = ("-at",)
    actions = (
        moderates(Act.Kind.ERASE, "Remove the message", lambda row: {"number": row.number}),
        moderates(Act.Kind.MUTE, "Mute who said it", lambda row: {"number": row.number}),
        moderates(
            Act.Kind.EXPEL, "Remove who said it from the room", lambda row: {"number": row.number}
        ),
    )

    @admin.display(description="text")
    def shortened(self, message: Message) -> str:
        """Return as much of the text as a row holds."""
        text = " ".join(message.text.split())
        return text if len(text) <= ROW else f"{text[: ROW - 1]}…"


@admin.register(RoomState)
class RoomAdmin(ReadOnly):
    """The rooms that anybody was ever in."""

    list_display = ("name", "last", "locked", "barred")
    list_filter = ("locked", "barred")
    search_fields = ("name",)
    ordering = ("name",)
    actions = (
        moderates(Act.Kind.LOCK, "Lock: only staff can write", lambda _: {}),
        moderates(Act.Kind.UNLOCK, "Unlock", lambda _: {}),
        moderates(Act.Kind.BAR, "Bar guests: only people with an account can write", lambda _: {}),
        moderates(Act.Kind.UNBAR, "Let guests write again", lambda _: {}),
    )


@admin.register(Presence)
class PresenceAdmin(ReadOnly):
    """Who is in which room now, a row for each of their windows."""

    list_display = ("room", "name", "guest", "joined_at")
    list_filter = ("guest",)
    search_fields = ("=room", "name")
    ordering = ("room", "name")
    actions = (
        moderates(Act.Kind.MUTE, "Mute", lambda row: {"author": row.person}),
        moderates(Act.Kind.EXPEL, "Remove from the room", lambda row: {"author": row.person}),
    )


@admin.register(Restriction)
class RestrictionAdmin(ReadOnly):
    """Who may not speak, or not come in."""

    list_display = ("room", "name", "kind", "until", "why")
    list_filter = ("kind",)
    search_fields = ("=room", "name")
    ordering = ("room", "name")
    actions = (
        moderates(Act.Kind.UNMUTE, "Unmute", lambda row: {"author": row.author}),
        moderates(Act.Kind.READMIT, "Let back in", lambda row: {"author": row.author}),
    )


@admin.register(Act)
class ActAdmin(ReadOnly):
    """What staff did, from the page and from here."""

    list_display = ("at", "by_name", "kind", "room", "whom", "number", "until", "why")
    list_filter = ("kind", "by_name")
    search_fields = ("=room", "whom", "by_name", "why")
    date_hierarchy = "at"
