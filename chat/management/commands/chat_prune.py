"""`manage.py chat_prune`: forget what is older than it has to be."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chat.records import retention


class Command(BaseCommand):
    """Delete messages older than CHAT_KEEP_DAYS, a bounded number per run, and unused rooms."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what differs from the settings."""
        parser.add_argument("--days", type=int, help="keep so many days instead of CHAT_KEEP_DAYS")
        parser.add_argument(
            "--batch", type=int, default=1_000, help="messages a transaction (1000)"
        )
        parser.add_argument("--most", type=int, default=100_000, help="messages a run (100000)")

    def handle(self, *_: object, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Delete, and say how many."""
        days = options["days"]
        if days is None:
            days = getattr(settings, "CHAT_KEEP_DAYS", 0)
            if not days:
                self.stdout.write("CHAT_KEEP_DAYS is 0: everything is kept.")
                return
        if min(days, options["batch"], options["most"]) < 1:
            raise CommandError("--days, --batch and --most are 1 or more.")
        before = timezone.now() - timedelta(days=days)
        deleted = retention.prune(before, batch=options["batch"], most=options["most"])
        rooms = retention.forget_rooms(batch=options["batch"])
        more = " There may be more: run it again." if deleted >= options["most"] else ""
        empty = f" Forgot {_count(rooms, 'unused room')}." if rooms else ""
        old = f"{_count(deleted, 'message')} older than {_count(days, 'day')}"
        self.stdout.write(f"Deleted {old}.{empty}{more}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
