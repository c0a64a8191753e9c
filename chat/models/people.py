"""Who is where, under which name."""

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.utils import timezone

BEAT = 2.5
"""Seconds between two signs of life of a server process."""

BEATS = timedelta(seconds=2 * BEAT)
"""The time in which each of those that can gives one."""

GONE = timedelta(seconds=10)
"""Silence after which a server process, and everybody on it, counts as gone."""

AWAY = timedelta(seconds=30)
"""… where all are silent, and it may be the database that cannot take their signs."""

HELD = timedelta(seconds=60)
"""How long a name waits for a guest who left the room."""


class ServerQuerySet(models.QuerySet["Server"]):
    """Questions about server processes."""

    def alive(self) -> "ServerQuerySet":
        """Return those that gave a sign of life; for a while, also where none could."""
        now = timezone.now()
        any_beats = models.Exists(Server.objects.filter(seen_at__gte=now - BEATS))
        heard = models.Q(seen_at__gte=now - GONE)
        return self.filter(heard | (models.Q(seen_at__gte=now - AWAY) & ~any_beats))

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
        return self.filter(server__in=Server.objects.alive())

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
    guest = models.BooleanField(default=True)
    person = models.CharField(max_length=64)  # opaque; what they say has the same as `author`
    joined_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} in {self.room}"


class Name(models.Model):
    """A name that is taken: in one room by a guest; everywhere, with no room, by an account."""

    room = models.CharField(max_length=50, blank=True, default="")
    likeness = models.CharField(max_length=64)  # `likeness.of`; look-alikes have the same
    name = models.CharField(max_length=150)
    person = models.CharField(max_length=64)  # as in `Presence`, or "account <key>"
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """One name, one person."""

        constraints = (
            models.UniqueConstraint(fields=("room", "likeness"), name="chat_name_room_likeness"),
        )
        indexes = (models.Index(fields=("room", "person"), name="chat_name_room_person"),)

    def __str__(self) -> str:
        return self.name
