"""The Django app: its only job is to be found."""

from django.apps import AppConfig


class ChatopsConfig(AppConfig):
    """Makes the management commands available."""

    name = "chatops"
    verbose_name = "chatops"
