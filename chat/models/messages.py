"""What was said, and how far each room is."""

from django.db import models


class RoomState(models.Model):
    """How far the numbers of one room are; whoever adds to any of them locks its row."""

    name = models.CharField(primary_key=True, max_length=50)
    last = models.BigIntegerField(default=0)  # message
    people = models.BigIntegerField(default=0, db_default=0)  # change to who is there
    acts = models.BigIntegerField(default=0, db_default=0)  # act of staff: the newest one's key
    locked = models.BooleanField(default=False, db_default=False)  # only staff may write
    barred = models.BooleanField("guests barred", default=False, db_default=False)  # … or accounts

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
