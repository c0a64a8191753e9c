"""Options that have no effect, or an effect that nobody wants."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from chatops.checks.entry import Entry
from chatops.model.finding import Finding
from chatops.model.rules.settings import OPTIONS

_REDIS = ("hosts", "prefix", "symmetric_encryption_keys", "serializer_format")
_LIMITS = ("expiry", "group_expiry", "capacity", "channel_capacity")

KNOWN = {
    "core": (*_REDIS, *_LIMITS, "random_prefix_length"),
    "pubsub": (*_REDIS, "on_disconnect", "on_reconnect"),
    "memory": _LIMITS,
}
"""What each class takes; a test holds it against their signatures."""

_CALLBACKS = ("on_disconnect", "on_reconnect")
_NUMBERS = {"core": ("group_expiry", "capacity"), "memory": ("expiry", "group_expiry", "capacity")}
_AT_LEAST_ONE = ("expiry", "capacity")
_WHOLE = ("expiry", "group_expiry", "random_prefix_length")
"""What the core layer hands to Redis, or to a random generator, as it is."""

_FEW = 10
"""A capacity below which a handful of events at once is too many."""


def nearest(option: str, kind: str) -> str:
    """Return a question for a misspelt option, or nothing."""
    near = get_close_matches(option.lower(), KNOWN[kind], n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def options(entry: Entry) -> Finding:
    """Name each option that is not what it seems."""
    if broken := next(_broken(entry), None):
        return OPTIONS.fail(broken)
    idle = [f"{key!r} stands beside CONFIG, where nobody reads it" for key in entry.strays]
    if entry.known == "pubsub":
        idle += [_unread(key) for key in entry.config if key not in _REDIS]
    if entry.known in {"core", "pubsub"} and "hosts" in entry.config and not entry.config["hosts"]:
        idle.append("'hosts' is empty, so that redis://localhost:6379 is used")
    if entry.known in _NUMBERS and (capacity := entry.config.get("capacity", _FEW)) < _FEW:
        idle.append(f"'capacity' is {capacity}: what comes while so few wait is dropped")
    if idle:
        return OPTIONS.warn("; ".join(idle))
    if entry.known is None:
        return OPTIONS.none("a layer of its own: nobody knows which options it reads")
    set_here = ", ".join(sorted(entry.config))
    return OPTIONS.ok(f"each is read: {set_here}" if set_here else "none is set")


def _unread(option: str) -> str:
    if option in _CALLBACKS:
        return f"{option!r} is taken, but never called"
    if option in KNOWN["core"]:
        return f"{option!r} has no effect: the pubsub layer has no such limit"
    return f"{option!r} is unknown and has no effect{nearest(option, 'pubsub')}"


def _broken(entry: Entry) -> Iterator[str]:
    """Say which option will raise, or drop everything, once the layer is used."""
    for index, host in enumerate(entry.hosts if entry.known in {"core", "pubsub"} else ()):
        if host.decodes:
            yield f"'decode_responses' of hosts[{index}] makes every receive raise: leave it out"
    for key, value in entry.config.items() if entry.known in _NUMBERS else ():
        is_number = isinstance(value, int | float)
        if key in _NUMBERS[str(entry.known)] and not is_number:
            yield f"{key!r} must be a number, not a {type(value).__name__}: the first use raises"
        elif entry.known == "core" and key in _AT_LEAST_ONE and is_number and value < 1:
            yield f"{key!r} is {value:g}: every message is dropped"
        elif entry.known == "core" and key in _WHOLE and not _is_whole(key, value):
            yield f"{key!r} must be a whole number, not {value!r}: the first use raises"
    capacities = entry.config.get("channel_capacity")
    if entry.known == "core" and (pattern := _uncounted(capacities)) is not None:
        yield f"'channel_capacity' of {pattern!r} must be a number: sending there raises"
    if entry.known == "memory" and isinstance(capacities, dict):
        yield (
            "'channel_capacity' as a dict makes every send raise ValueError: the in-memory layer "
            "takes pairs of a compiled pattern and a number"
        )


def _is_whole(option: str, value: object) -> bool:
    # The layer takes the `int` of `expiry` in one place, and Redis reads a text in the other.
    is_text = option == "expiry" and isinstance(value, str) and value.isdecimal()
    return isinstance(value, int) or is_text


def _uncounted(capacities: object) -> object:
    """Return the first pattern without a number, `None` where each has one."""
    pairs = capacities.items() if isinstance(capacities, Mapping) else ()
    return next((each for each, value in pairs if not isinstance(value, int | float)), None)
