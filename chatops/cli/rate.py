"""How many a second."""

import re

import typer

_RATE = re.compile(r"(\d+(?:\.\d+)?)/(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def rate(text: str) -> float:
    """Read `500/s`, `100/m` or `10/h`; returns how many that is a second."""
    found = _RATE.fullmatch(text)
    if found is None or float(found[1]) == 0:
        raise typer.BadParameter(f"{text!r} is not a rate such as 500/s, 100/m or 10/h.")
    return float(found[1]) / _SECONDS[found[2]]
