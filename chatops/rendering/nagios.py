"""A check as a Nagios plugin says it: one line, figures behind a bar, and Nagios' exit codes.

The format is that of https://nagios-plugins.org/doc/guidelines.html.
"""

import re
from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import IO

from chatops.errors import Exit
from chatops.model.finding import Check, Finding, Status
from chatops.model.rules.live import SEND
from chatops.rendering.held import Held
from chatops.rendering.visible import visible


class State(IntEnum):
    """What Nagios makes of an exit code."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_BY_STATUS = {
    Status.WARN: State.WARNING,
    Status.FAIL: State.CRITICAL,
    Status.UNKNOWN: State.UNKNOWN,
}
_WORST = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)

_COUNTED = frozenset(Status) - {Status.NONE}
_TOLD = 3
"""How many findings are told in full: a pager shows little."""

_UNITS = {"%": "%", "percent": "%", "ms": "ms", "s": "s", "bytes": "B", "B": "B", "kB": "KB",
          "KB": "KB", "MB": "MB", "GB": "GB"}  # fmt: skip
"""The units that Nagios knows; a figure in another one goes without."""


class Nagios(Held):
    """Everything is on stdout, because Nagios reads nothing else."""

    def __init__(self, out: IO[str]) -> None:
        super().__init__(out, None)
        self._away = False

    def error(self, message: str, code: Exit) -> None:
        """Keep what went wrong; a layer that is away is critical, all else is not known."""
        super().error(message, code)
        self._away = self._away or code is Exit.NO_ANSWER

    def finish(self, code: Exit) -> int:
        """Write the line; returns Nagios' exit code."""
        super().finish(code)
        return self._state(code)

    def lost(self, code: Exit) -> int:
        """Say that nothing is known, unless it is known to be critical."""
        state = self._state(code)
        return state if state is State.CRITICAL else State.UNKNOWN

    def document(self, code: Exit) -> str:
        """Return the one line."""
        figures = " ".join(each for check in self.checks for each in self._figures(check))
        said = "; ".join([*self.errors, *(self._said(check) for check in self.checks)])
        return line(self._state(code), said or "interrupted", figures)

    def _state(self, code: Exit) -> State:
        states = {_state(check) for check in self.checks}
        if self._away:
            states.add(State.CRITICAL)
        elif not states or (code is not Exit.DONE and states == {State.OK}):
            states.add(State.UNKNOWN)
        return next(each for each in _WORST if each in states)

    def _said(self, check: Check) -> str:
        """Tell the worst in full, and count the rest."""
        worst = [each for each in check.findings if each.status is check.status in _BY_STATUS]
        told = [f"{each.id} {each.name} {each.status}: {each.detail}" for each in worst[:_TOLD]]
        rest = Counter(each.status for each in check.findings if each not in worst[:_TOLD])
        told += [f"{rest[each]} {each}" for each in Status if rest[each] and each in _COUNTED]
        return f"layer {check.layer}: {', '.join(told) or 'nothing was checked'}"

    def _figures(self, check: Check) -> Iterator[str]:
        alias = f"{check.layer}_" if len(self.checks) > 1 else ""
        limits = check.limits
        for each in check.findings:
            if each.p50_ms is not None:
                at = f"{_plain(limits.rtt_warn_ms)};{_plain(limits.rtt_crit_ms)}" if limits else ";"
                yield _figure(f"{alias}{_named(each)}rtt_p50", f"{_plain(each.p50_ms)}ms;{at};0")
            if each.p99_ms is not None:
                yield _figure(f"{alias}{_named(each)}rtt_p99", f"{_plain(each.p99_ms)}ms;;;0")
            if each.value is not None:
                at = (
                    f";;{_plain(limits.loss_crit_percent)};0;100"
                    if limits and each.id == SEND.id
                    else ""
                )
                label = f"{alias}loss" if each.id == SEND.id else f"{alias}{each.id}_{each.name}"
                yield _figure(label, f"{_plain(each.value)}{_UNITS.get(each.unit or '', '')}{at}")


def line(state: State, said: str, figures: str = "") -> str:
    """Return the line; a bar in what is said would begin the figures."""
    text = visible(said).replace("|", "/")
    return f"CHATOPS {state.name} - {text}{' | ' if figures else ''}{figures}\n"


def _state(check: Check) -> State:
    if check.exit is Exit.NO_ANSWER or check.exit is Exit.NO:
        return State.CRITICAL
    return _BY_STATUS.get(check.status, State.OK)


def _named(finding: Finding) -> str:
    return "" if finding.id == SEND.id else f"{finding.id}_"


def _plain(number: float) -> str:
    """Write a number without an exponent, which Nagios cannot read."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _figure(label: str, value: str) -> str:
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', label)}={value}"
