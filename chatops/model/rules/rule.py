"""One thing that a check can find: its id, its texts, and how it is reported."""

from dataclasses import dataclass
from typing import Any, ClassVar

from chatops.model.finding import Finding, Status
from chatops.model.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Result):
    """What `chatops explain` prints; the same text is in docs/findings.md.

    `means` says what users see and why, `found` how a check finds it, `fix` what to do, in
    words that can be pasted, `upstream` where its authors speak of it. The id never changes.
    """

    kind: ClassVar[str] = "rule"

    id: str
    name: str
    means: str
    found: str
    fix: str
    upstream: tuple[str, ...] = ()

    def ok(self, detail: str, **more: Any) -> Finding:  # noqa: ANN401 - a finding's own fields
        """Say that it passed."""
        return self._finding(Status.OK, detail, **more)

    def warn(self, detail: str, fix: str | None = None, **more: Any) -> Finding:  # noqa: ANN401
        """Say what will go wrong; `fix` where these values make it more exact than the rule's."""
        return self._finding(Status.WARN, detail, fix=fix or self.fix, **more)

    def fail(self, detail: str, fix: str | None = None, **more: Any) -> Finding:  # noqa: ANN401
        """Say what is wrong; `fix` as above."""
        return self._finding(Status.FAIL, detail, fix=fix or self.fix, **more)

    def unknown(self, detail: str, fix: str | None = None) -> Finding:
        """Say that nobody can know, and why; `fix` says what would allow it."""
        return self._finding(Status.UNKNOWN, detail, fix=fix)

    def none(self, detail: str) -> Finding:
        """Say that this layer has no such thing."""
        return self._finding(Status.NONE, detail)

    def _finding(self, status: Status, detail: str, **more: Any) -> Finding:  # noqa: ANN401
        return Finding(id=self.id, name=self.name, status=status, detail=detail, **more)
