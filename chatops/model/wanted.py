"""What a check is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rules to look at, and where patience ends.

    `only` and `skip` are ids. Round trips are in milliseconds, their median counts; losses in
    percent of the messages sent. `timeout` is how many seconds a layer may stay silent, over
    all probes together; those of `deep` take their own time on top.
    """

    only: frozenset[str] | None = None
    skip: frozenset[str] = frozenset()
    samples: int = 20
    rtt_warn: float = 100.0
    rtt_crit: float = 1000.0
    loss_crit: float = 0.0
    deep: bool = False
    timeout: float = 5.0
    strict: bool = False

    def takes(self, rule_id: str) -> bool:
        """Tell whether a rule is to be looked at."""
        return (self.only is None or rule_id in self.only) and rule_id not in self.skip
