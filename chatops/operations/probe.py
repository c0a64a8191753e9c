"""What a probe is: its id, its name, and how it reports."""

import secrets
from dataclasses import dataclass
from typing import Any

from chatops.model.finding import Finding, Status

TYPE = "chatops.probe"
"""The type of our events, and how the names of our groups begin."""

LEASE = 60
"""Seconds that a probe's group outlives us, should we be killed, where the layer can forget it."""

PATIENCE = 2.0
"""Seconds that one message may take to come back."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe is called, in every report alike."""

    id: str
    name: str

    def ok(self, detail: str, **more: Any) -> Finding:  # noqa: ANN401 - a finding's own fields
        """Say that it passed."""
        return Finding(id=self.id, name=self.name, status=Status.OK, detail=detail, **more)

    def fail(self, detail: str, fix: str) -> Finding:
        """Say what went wrong, and what to do."""
        return Finding(id=self.id, name=self.name, status=Status.FAIL, detail=detail, fix=fix)

    def unknown(self, detail: str) -> Finding:
        """Say that nobody can know, and why."""
        return Finding(id=self.id, name=self.name, status=Status.UNKNOWN, detail=detail)


SEND = Probe("CHO101", "send and receive")
FAN_OUT = Probe("CHO102", "group fan-out")
DISCARD = Probe("CHO103", "group discard")
IDENTICAL = Probe("CHO104", "identical message")
ORDER = Probe("CHO105", "order of a burst")
ANOTHER_PROCESS = Probe("CHO106", "another process")


def probe_group() -> str:
    """Return a group name that is nobody else's."""
    return f"{TYPE}.{secrets.token_hex(8)}"
