"""What was said, and who is where, in a form that every server process can read."""

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.utils import timezone

BEAT = 5.0
"""Seconds between two signs of life of a server process."""

GONE = timedelta(seconds=15)
"""Silence after which a server process, and everybody on it, counts as gone."""


class ServerQuerySet(models.QuerySet["Server"]):
    """Questions about server processes."""

    def gone(self) -> "ServerQuerySet":
        """Return those not heard of for too long."""
        return self.filter(seen_at__lt=timezone.now() - GONE)


class Server(models.Model):
    """A server process that holds sockets."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = ServerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"server {self.id}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    """Questions about who is where."""

    def here(self) -> "PresenceQuerySet":
        """Return the sockets of servers that are alive."""
        return self.filter(server__seen_at__gte=timezone.now() - GONE)

    def people_by_room(self, most: int) -> list[tuple[str, int]]:
        """Count the different people in each of the fullest rooms, fullest first."""
        counts = self.here().values("room").annotate(people=models.Count("person", distinct=True))
        return [(row["room"], row["people"]) for row in counts.order_by("-people", "room")[:most]]


class Presence(models.Model):
    """One open socket in a room."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE)
    room = models.CharField(max_length=50, db_index=True)
    name = models.CharField(max_length=150)
    person = models.CharField(max_length=64)  # opaque; two sockets of one person have the same
    joined_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} in {self.room}"


class RoomState(models.Model):
    """How far the messages of one room are numbered; whoever adds some locks its row."""

    name = models.CharField(primary_key=True, max_length=50)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """What a person said. The numbers of a room begin at 1 and have no holes."""

    id = models.CharField(primary_key=True, max_length=32, editable=False)  # `events.id_of`
    room = models.CharField(max_length=50)
    number = models.BigIntegerField()
    text = models.TextField()
    name = models.CharField(max_length=150)
    guest = models.BooleanField(default=True)
    author = models.CharField(max_length=32)  # opaque; what one person says has the same
    ref = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField(db_index=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """The order in which a room reads it."""

        ordering = ("room", "number")
        constraints = (
            models.UniqueConstraint(fields=("room", "number"), name="chat_message_room_number"),
        )

    def __str__(self) -> str:
        return f"{self.room} {self.number}"
