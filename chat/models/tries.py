"""Tries to sign in that failed, and accounts that were made."""

from django.db import models
from django.utils import timezone


class Try(models.Model):
    """One try, under each of the keys by which tries are counted."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        """Counted by key, since a moment."""

        indexes = (models.Index(fields=("key", "at"), name="chat_try_key_at"),)

    def __str__(self) -> str:
        return f"try at {self.at}"
