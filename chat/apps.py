"""The Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save, pre_delete


class ChatConfig(AppConfig):
    """Names the app and the type of its keys."""

    name = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow what happens to accounts."""
        # Models cannot be imported before the apps are there.
        from chat.records import accounts  # noqa: PLC0415

        post_save.connect(accounts.saved, settings.AUTH_USER_MODEL, dispatch_uid="chat saved")
        pre_delete.connect(accounts.deleted, settings.AUTH_USER_MODEL, dispatch_uid="chat deleted")
