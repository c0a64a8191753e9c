"""The door `manage.py layer_check`: the same as `chatops check`."""

from chatops.management.verb import Door


class Command(Door):
    """The verb `check`."""

    help = "Smoke-test the channel layer."
    verb = ("check",)
