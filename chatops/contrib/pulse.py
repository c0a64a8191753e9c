"""The light part of a check for probes that come often: one at a time, its answer kept."""

import asyncio
import contextlib
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass

from django.conf import settings

from chatops.conf import read
from chatops.errors import BrokenLayer, ChatopsError, Exit, foreign
from chatops.layers.choose import adapter
from chatops.model.finding import Check, Status
from chatops.model.rules.settings import BUILT
from chatops.operations.light import light_check


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a layer is; `findings` are statuses by id, and tell no secrets."""

    layer: str
    status: Status
    healthy: bool
    findings: dict[str, str]


class Pulse:
    """Feels one layer's pulse, at most every `CHATOPS["HEALTH_SECONDS"]` in each process.

    Each check has a thread, an event loop and connections of its own, so that it depends on
    nothing of the server's, whether that is WSGI or ASGI.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._lock = threading.Lock()
        self._answer: Future[Health] | None = None
        self._ended = float("-inf")

    async def health(self) -> Health:
        """Return the last answer, or that of the check under way, which all who ask share."""
        return await asyncio.wrap_future(self._current())

    def _current(self) -> Future[Health]:
        keep = read(getattr(settings, "CHATOPS", {})).health_seconds
        with self._lock:
            answer = self._answer
            if answer is None or (answer.done() and time.monotonic() - self._ended >= keep):
                answer = Future()
                # From here on a visitor that leaves cannot cancel what others wait for.
                answer.set_running_or_notify_cancel()
                threading.Thread(target=self._feel, args=(answer,), daemon=True).start()
                self._answer = answer  # now, because a thread that cannot start never answers
            return answer

    def _feel(self, answer: "Future[Health]") -> None:
        findings = {BUILT.id: Status.UNKNOWN.value}
        health = Health(layer=self._alias, status=Status.UNKNOWN, healthy=False, findings=findings)
        try:
            with contextlib.suppress(ChatopsError), foreign(BrokenLayer, "The check broke"):
                health = _health(asyncio.run(_checked(self._alias)))
        finally:  # whatever it was, those who wait are answered
            self._ended = time.monotonic()
            answer.set_result(health)


async def _checked(alias: str) -> Check:
    layer = adapter(alias)
    try:
        return await light_check(layer)
    finally:
        await layer.close()


def _health(check: Check) -> Health:
    return Health(
        layer=check.layer,
        status=check.status,
        healthy=check.exit is Exit.DONE,
        findings={each.id: each.status.value for each in check.findings},
    )


_PULSES: dict[str, Pulse] = {}
_MAKING = threading.Lock()


def pulse(alias: str) -> Pulse:
    """Return this process's pulse of a layer."""
    with _MAKING:
        return _PULSES.setdefault(alias, Pulse(alias))
