"""A check for django-health-check (the extra `health`), beside those of databases and caches.

Its page needs "health_check" in INSTALLED_APPS.

>>> from chatops.contrib.health_check import ChannelLayer
>>> HealthCheckView.as_view(checks=["chatops.contrib.health_check.ChannelLayer"])  # doctest: +SKIP
"""

from dataclasses import dataclass

from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable, ServiceWarning

from chatops.contrib.pulse import pulse
from chatops.model.finding import Status
from chatops.model.rules import RULES


@dataclass
class ChannelLayer(HealthCheck):  # type: ignore[misc] # the library ships no types
    """Sees that messages come back from a channel layer; `alias` is that in CHANNEL_LAYERS."""

    alias: str = "default"

    async def run(self) -> None:
        """Raise `ServiceUnavailable` or `ServiceWarning`, with names of findings alone."""
        health = await pulse(self.alias).health()
        bad = ", ".join(
            f"{RULES[each].name} {status}"
            for each, status in health.findings.items()
            if status not in {Status.OK, Status.NONE}
        )
        if not health.healthy:
            raise ServiceUnavailable(f"Channel layer {self.alias}: {bad}")
        if health.status is Status.WARN:
            raise ServiceWarning(f"Channel layer {self.alias}: {bad}")
