"""What staff see of the messages: all of it, and what they may do is remove some."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chat.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Read-only: a message is what was said; a removed one is still there, for staff alone."""

    list_display = ("room", "number", "at", "name", "guest", "shortened", "removed_at")
    list_filter = ("removed_at", "guest")
    search_fields = ("=room", "name", "text")
    date_hierarchy = "at"
    ordering = ("-at",)
    actions = ("remove",)

    @admin.display(description="text")
    def shortened(self, message: Message) -> str:
        """Return as much of the text as a row holds."""
        text = " ".join(message.text.split())
        return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004 - of a row

    @admin.action(description="Remove from the rooms", permissions=["remove"])
    def remove(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        """Hide the text from now on, from whoever reads the history."""
        for message in messages.filter(removed_at=None):
            message.removed_at = timezone.now()
            message.save(update_fields=["removed_at"])
            self.log_change(request, message, "removed")
        self.message_user(request, "Removed. Whoever has it on the screen sees it until a reload.")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Tell who may remove: whoever could change."""
        return super().has_change_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Tell that nobody speaks from here."""
        return False

    def has_change_permission(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: Message | None = None,  # noqa: ARG002 - Django's signature
    ) -> bool:
        """Tell that nobody's words are changed."""
        return False

    def has_delete_permission(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        obj: Message | None = None,  # noqa: ARG002 - Django's signature
    ) -> bool:
        """Tell that no number goes missing; `chat_prune` takes the oldest."""
        return False
