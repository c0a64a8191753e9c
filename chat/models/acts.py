"""What staff did about people, messages and rooms."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Act(models.Model):
    """One act of staff, for the record; a room's newest one stands in its `RoomState` too."""

    class Kind(models.TextChoices):
        """What can be done; the values are what clients send."""

        ERASE = "erase", "removed a message"
        MUTE = "mute", "muted"
        UNMUTE = "unmute", "unmuted"
        EXPEL = "expel", "removed from the room"
        READMIT = "readmit", "let back in"
        LOCK = "lock", "locked the room"
        UNLOCK = "unlock", "unlocked the room"
        BAR = "bar", "barred guests from writing"
        UNBAR = "unbar", "let guests write again"

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by_name = models.CharField("by", max_length=150)  # outlives the account
    kind = models.CharField(max_length=8, choices=Kind.choices)
    room = models.CharField(max_length=50)
    whom = models.CharField(max_length=150, blank=True, default="")
    author = models.CharField(max_length=32, blank=True, default="")  # whom, as in `Message`
    number = models.BigIntegerField(null=True, blank=True)  # of the message
    until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        """Newest first; whoever has the permission may act, and read what was done."""

        ordering = ("-id",)
        indexes = (models.Index(fields=("room", "id"), name="chat_act_room_id"),)
        permissions = (("moderate", "Can moderate rooms"),)

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_kind_display()} {self.whom} ({self.room})"


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    """Questions about who may not do what."""

    def in_force(self) -> "RestrictionQuerySet":
        """Return those that have not run out."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))


class Restriction(models.Model):
    """Somebody who may not speak in a room, or not come in; the acts tell how it came."""

    room = models.CharField(max_length=50)
    author = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=[("mute", "muted"), ("expel", "removed")])
    name = models.CharField(max_length=150)
    until = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True, default="")

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        """One of each kind a person and room."""

        constraints = (
            models.UniqueConstraint(
                fields=("room", "author", "kind"), name="chat_restriction_room_author_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} is {self.get_kind_display()} in {self.room}"
