"""The Django app."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Names the app and the type of its keys."""

    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"
