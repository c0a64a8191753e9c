"""What settings alone give away: no library is loaded, nothing is asked, and no time is spent."""

from collections.abc import Sequence
from typing import Any

from chatops.checks.built import built
from chatops.checks.entry import Entry, kind_of
from chatops.checks.hosts import UNWAITING, database, expiry, idle, several
from chatops.checks.logged import logged
from chatops.checks.options import options
from chatops.checks.serving import application, runserver
from chatops.checks.setting import setting
from chatops.model.finding import Finding, Status
from chatops.model.rules.settings import DATABASE, EXPIRY, HOSTS, IDLE, PROCESSES


def settings_findings(alias: str, entry: dict[str, Any], kind: str | None) -> Sequence[Finding]:
    """Look at one entry of CHANNEL_LAYERS and at the settings around it.

    `kind` is "memory", "core" or "pubsub", `None` for a layer that nothing more is known of.
    """
    return [*layer_findings(alias, entry, kind), *project_findings()]


def layer_findings(alias: str, raw: object, kind: str | None = None) -> Sequence[Finding]:
    """Look at what CHANNEL_LAYERS says of one alias; whatever that is, it may be nonsense."""
    first = built(alias, raw)
    entry = Entry.read(raw)
    if first.status is Status.FAIL or entry is None:
        return [first]
    kind = kind or kind_of(entry.backend)
    return [first, processes(kind), options(entry), logged(kind), *_of_redis(entry)]


def project_findings() -> Sequence[Finding]:
    """Look at what holds for the project, whatever its layers."""
    return [runserver(), application(), setting()]


def processes(kind: str | None) -> Finding:
    """Warn of a layer that ends at its process."""
    match kind:
        case "memory":
            return PROCESSES.warn(
                "the in-memory layer ends at its process: other workers hear nothing"
            )
        case None:
            return PROCESSES.none("not a layer that chatops knows; CHO106 tries it")
        case _:
            return PROCESSES.ok("it reaches every process that uses its server")


def _of_redis(entry: Entry) -> list[Finding]:
    """Look at what the classes of channels_redis themselves make of CONFIG."""
    hosts = entry.hosts
    match entry.known:
        case "core":
            return [
                idle([host.timeout for host in hosts]),
                several(len(hosts)),
                expiry(entry.config.get("group_expiry", 86400)),
                DATABASE.none("on this layer databases are apart"),
            ]
        case "pubsub":
            return [
                IDLE.ok(UNWAITING),
                HOSTS.none("on this layer each name has one host"),
                EXPIRY.none("on this layer members do not expire"),
                database([host.db for host in hosts], entry.config.get("prefix", "asgi")),
            ]
        case _:
            why = "this layer has no server" if entry.known else "a layer of its own"
            return [rule.none(why) for rule in (IDLE, HOSTS, EXPIRY, DATABASE)]
