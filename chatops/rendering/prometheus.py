"""A check as Prometheus' text format, for the textfile collector of its node exporter.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

import re
import time
from collections.abc import Iterator, Sequence
from typing import IO

from chatops.errors import Exit
from chatops.model.finding import Finding, Status
from chatops.model.rules.live import SEND
from chatops.rendering.held import Held

CODES = {Status.NONE: -1, Status.OK: 0, Status.WARN: 1, Status.FAIL: 2, Status.UNKNOWN: 3}
"""How a status is written; what is above 0 wants somebody."""

_UNITS = {
    "%": ("ratio", 0.01),
    "percent": ("ratio", 0.01),
    "ms": ("seconds", 0.001),
    "s": ("seconds", 1.0),
    "seconds": ("seconds", 1.0),
    "B": ("bytes", 1.0),
    "bytes": ("bytes", 1.0),
    "kB": ("bytes", 1e3),
    "KB": ("bytes", 1024.0),
    "MB": ("bytes", 1e6),
    "GB": ("bytes", 1e9),
}
"""Each unit as Prometheus' base unit, and how many of it."""

_HELP = {
    "chatops_check_success": "Whether the check passed: 1 yes, 0 no.",
    "chatops_check_timestamp_seconds": "When the check ended, in seconds since 1970.",
    "chatops_check_duration_seconds": "How long the check took.",
    "chatops_check_status": "What a finding says: 0 ok, 1 warn, 2 fail, 3 unknown, -1 n/a.",
    "chatops_check_rtt_seconds": "How long a message took to come back, by quantile.",
    "chatops_check_loss_ratio": "How many of the messages sent never came back, from 0 to 1.",
}

Sample = tuple[str, dict[str, str], float]


class Prometheus(Held):
    """Samples with the same name stand together, as the format wants."""

    def __init__(self, out: IO[str], talk: IO[str], layer: str) -> None:
        super().__init__(out, talk)
        self._layer = layer

    def document(self, code: Exit) -> str:
        """Return the samples of all checks; where there is none, that it did not succeed."""
        samples = list(self._samples(code))
        names = dict.fromkeys(name for name, _, _ in samples)
        return "".join(_family(name, samples) for name in names)

    def _samples(self, code: Exit) -> Iterator[Sample]:
        if not self.checks:
            yield "chatops_check_success", {"layer": self._layer}, 0
            yield "chatops_check_timestamp_seconds", {"layer": self._layer}, time.time()
        for check in self.checks:
            labels = {"layer": check.layer}
            passed = check.exit is Exit.DONE and (code is Exit.DONE or not self.errors)
            yield "chatops_check_success", labels, passed
            yield "chatops_check_timestamp_seconds", labels, time.time()
            yield "chatops_check_duration_seconds", labels, check.seconds
            for finding in check.findings:
                yield from _figures(finding, {**labels, "id": finding.id, "name": finding.name})


def _figures(finding: Finding, labels: dict[str, str]) -> Iterator[Sample]:
    yield "chatops_check_status", labels, CODES[finding.status]
    for quantile, milliseconds in (("0.5", finding.p50_ms), ("0.99", finding.p99_ms)):
        if milliseconds is not None:
            trip = {**labels, "quantile": quantile}
            yield "chatops_check_rtt_seconds", trip, milliseconds / 1000
    if finding.value is not None:
        unit = finding.unit or ""
        suffix, factor = _UNITS.get(unit, (re.sub(r"[^a-z0-9]+", "_", unit.lower()).strip("_"), 1))
        kind = "loss" if finding.id == SEND.id else "value"
        name = "_".join(filter(None, ("chatops_check", kind, suffix)))
        yield name, labels, finding.value * factor


def _family(name: str, samples: Sequence[Sample]) -> str:
    told = _HELP.get(name, "The figure that a finding rests on.")
    lines = [f"# HELP {name} {told}", f"# TYPE {name} gauge"]
    for each, labels, value in samples:
        if each == name:
            inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            lines.append(f"{name}{{{inner}}} {float(value)!r}")
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
