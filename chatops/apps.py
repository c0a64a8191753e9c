"""The Django app: to be found, and to be asked by `manage.py check`."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.core.checks import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.checks import CheckMessage


class ChatopsConfig(AppConfig):
    """Makes the management commands available, and registers the system checks."""

    name = "chatops"
    verbose_name = "chatops"

    def ready(self) -> None:
        """Register the checks, which load nothing until they are run."""
        register(_settings, "chatops")
        register(_production, "chatops", deploy=True)


def _settings(**_: Any) -> "Sequence[CheckMessage]":  # noqa: ANN401 - what Django passes to checks
    from chatops.checks.system import messages  # noqa: PLC0415 - a server never runs them

    return messages(deploy=False)


def _production(**_: Any) -> "Sequence[CheckMessage]":  # noqa: ANN401
    from chatops.checks.system import messages  # noqa: PLC0415

    return messages(deploy=True)
