"""What a check found."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from chatops.errors import Exit
from chatops.model.result import Result


class Status(StrEnum):
    """How one probe ended; `unknown` never counts as passed."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NONE = "n/a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of a check. `fix` says what to do, and is `None` where nothing has to be done.

    `p50_ms` and `p99_ms` are round trips in milliseconds, for the probes that measure them;
    `value` is the one figure that another finding rests on, in `unit`.
    """

    id: str
    name: str
    status: Status
    detail: str
    fix: str | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on a round trip's median, and the share of lost messages, are bad."""

    rtt_warn_ms: float
    rtt_crit_ms: float
    loss_crit_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Result):
    """What a whole check found.

    `answered` is whether a message came back from the layer at all, `None` if not tried.
    With `strict` a warning counts as a failure. `limits` is `None` where none were asked for.
    """

    kind: ClassVar[str] = "check"

    layer: str
    backend: str
    status: Status
    answered: bool | None
    seconds: float
    findings: Sequence[Finding]
    strict: bool = False
    limits: Limits | None = None

    @property
    def exit(self) -> Exit:
        """A failure is a no; what could not be tried leaves the answer partial."""
        if self.answered is False:
            return Exit.NO_ANSWER
        if self.status is Status.FAIL:
            return Exit.NO
        if self.strict and any(each.status is Status.WARN for each in self.findings):
            return Exit.NO
        return Exit.PARTLY if self.status is Status.UNKNOWN else Exit.DONE


def worst(findings: Sequence[Finding]) -> Status:
    """Return the status of all together; where nothing was looked at, nobody can know."""
    for status in (Status.FAIL, Status.UNKNOWN, Status.WARN):
        if any(finding.status is status for finding in findings):
            return status
    return Status.OK if findings else Status.UNKNOWN
