"""The door `manage.py chatops`."""

from chatops.management.verb import Door


class Command(Door):
    """All verbs of chatops."""

    help = "Smoke-test the channel layer, broadcast into rooms, watch live traffic."
