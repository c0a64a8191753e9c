"""What the options of `check` ask for, as values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chatops.errors import BadValue
from chatops.model.rules import RULES
from chatops.model.rules.application import FOREIGN, HANDSHAKE, ROUND
from chatops.model.rules.choose import ids
from chatops.model.rules.live import CAPACITY, EXPIRY, IDLE, RECOVERY
from chatops.model.visit import Visit, visit
from chatops.model.wanted import Wanted


def wanted(  # noqa: PLR0913 - each is one option
    *,
    only: Sequence[str],
    skip: Sequence[str],
    samples: int,
    rtt_warn: float,
    rtt_crit: float,
    loss_crit: float,
    deep: bool,
    timeout: float,
    strict: bool,
) -> Wanted:
    """Return what is wanted; durations are in seconds, the share in percent.

    Raises `BadValue` where the thresholds or the choice make no sense.
    """
    if rtt_crit < rtt_warn:
        raise BadValue(
            f"--rtt-crit ({rtt_crit * 1000:g} ms) is below --rtt-warn ({rtt_warn * 1000:g} ms): "
            "a warning would never be given."
        )
    asked = replace(
        chosen(only, skip),
        samples=samples,
        rtt_warn=rtt_warn * 1000,
        rtt_crit=rtt_crit * 1000,
        loss_crit=loss_crit,
        deep=deep,
        timeout=timeout,
        strict=strict,
    )
    if not any(map(asked.takes, RULES)):
        raise BadValue("--only and --skip leave nothing to check.")
    return asked


def chosen(only: Sequence[str], skip: Sequence[str]) -> Wanted:
    """Return which rules are wanted; raises `BadValue` for what is none."""
    return Wanted(only=ids(only) if only else None, skip=ids(skip))


def require(asked: Wanted, site: Visit | None) -> None:
    """Raise `BadValue` where every rule that is wanted needs an option that was not given."""
    needs: dict[str, str] = {}
    if site is None:
        needs |= {rule.id: "--websocket URL" for rule in (HANDSHAKE, FOREIGN, ROUND)}
    elif not any((site.send, site.expect, site.chat_room)):
        needs[ROUND.id] = "--send, --expect or --chat"
    if not asked.deep:
        needs |= {rule.id: "--deep" for rule in (IDLE, CAPACITY, EXPIRY, RECOVERY)}
    taken = sorted(filter(asked.takes, RULES))
    if all(each in needs for each in taken):
        told = "; ".join(f"{each} needs {needs[each]}" for each in taken)
        raise BadValue(f"Nothing would be checked: {told}.")


def visited(websocket: str | None, **options: Any) -> Visit | None:  # noqa: ANN401 - as `visit` takes them
    """Return what to do at a running site, `None` where none was named.

    Raises `BadValue` for an option that has no site to be used at.
    """
    if websocket is not None:
        return visit(websocket, **options)
    for name, value in options.items():
        if value is not None and value != ():
            raise BadValue(f"--{name.removesuffix('s')} needs --websocket URL.")
    return None
