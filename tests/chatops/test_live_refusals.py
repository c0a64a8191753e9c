"""What a server or a layer answers by no: it is a failure, and says what would help."""

from __future__ import annotations

import logging
import re
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import brokers
import pytest
from application import configure, opened
from servers import ROOT

from chatops.errors import Exit
from chatops.model.finding import Status
from chatops.model.rules import RULES, group_of
from chatops.model.rules import broker as rules
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.check import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

    from chatops.model.finding import Check

only = pytest.mark.parametrize

SOURCE = LayerSource(settings="nowhere.settings")
LIVE = frozenset(rule for rule in RULES if group_of(rule) == "live") - {"CHO106", "CHO111"}
ALL = LIVE | {rule for rule in RULES if group_of(rule) == "broker"}
FINE = {Status.OK, Status.NONE}


@pytest.fixture(scope="module")
def guarded() -> Iterator[brokers.Broker]:
    with brokers.broker(tcp=True) as running:
        yield running


async def checked(
    settings: Any,
    kind: str,
    url: str,
    *,
    host: dict[str, Any] | None = None,
    wanted: Wanted | None = None,
    **config: object,
) -> Check:
    configure(settings, kind, url, **config)
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0].update(host or {})
    async with opened("default") as layer:
        return await check(layer, SOURCE, wanted or Wanted(only=ALL))


def bad(done: Check) -> dict[str, str]:
    return {each.id: each.status.value for each in done.findings if each.status not in FINE}


def fixes(done: Check, status: Status = Status.FAIL) -> dict[str, str]:
    return {each.id: each.fix or "" for each in done.findings if each.status is status}


# ---------------------------------------------------------------- rights


@only(
    ("kind", "rights", "rule", "allow"),
    [
        ("pubsub", ["~*", "&*", "-publish"], "CHO101", "ACL SETUSER reader +publish"),
        ("pubsub", ["~*", "resetchannels"], "CHO101", "ACL SETUSER <user> &asgi*"),
        ("core", ["~*", "&*", "-eval", "-evalsha"], "CHO101", "ACL SETUSER reader +eval"),
        ("core", ["~x*", "&*"], "CHO101", "ACL SETUSER <user> ~asgi*"),
        ("core", ["~*", "&*", "-bzpopmin"], "CHO101", "ACL SETUSER reader +bzpopmin"),
        ("core", ["~*", "&*", "-multi"], "CHO110", "ACL SETUSER <user> +multi"),
    ],
)
async def test_a_right_that_consumers_need_is_a_failure_and_named(  # noqa: PLR0913 - a table
    *, guarded: brokers.Broker, settings: Any, kind: str, rights: list[str], rule: str, allow: str
) -> None:
    url = guarded.user("reader", "+@all", *rights)

    done = await checked(settings, kind, url)

    assert set(fixes(done).values()) == {allow}
    assert rule in fixes(done)
    assert done.exit is Exit.NO
    guarded.ask("FLUSHALL")


async def test_the_rights_that_the_readme_names_are_enough(
    guarded: brokers.Broker, settings: Any, kind: str
) -> None:
    section = (ROOT / "README.md").read_text().partition("### Least privilege")[2]
    section = section.partition("What `tail` needs")[0]
    asked, rows = section.partition("ACL SETUSER check")[2].split("```", 1)
    named = {
        row.split("|", 2)[1].strip(): row.replace("\\|", "|")
        for row in rows.splitlines()[:20]
        if row.startswith("|")
    }
    more = re.findall(r"\+[a-z|]+", named[kind] + named["`--deep`"])
    url = guarded.user("reader", *asked.split()[2:], *more)

    done = await checked(settings, kind, url, wanted=Wanted(only=ALL, deep=True))

    assert bad(done) == {}


# ---------------------------------------------------------------- what the server says


@only(("password", "unneeded"), [("wr0ng", False), ("pw", True)])
async def test_a_password_that_is_not_taken_is_told(
    guarded: brokers.Broker, settings: Any, kind: str, password: str, *, unneeded: bool
) -> None:
    url = guarded.user("reader", "~*", "&*", "+@all").replace("s3cret", password)
    url = guarded.tcp.replace("//", f"//:{password}@") if unneeded else url

    done = await checked(settings, kind, url, wanted=Wanted(only=frozenset({"CHO101"})))

    assert fixes(done)["CHO101"].startswith("Correct the user name and password")
    assert password not in repr(done)


async def test_a_server_that_takes_nothing_is_told_by_its_own_cause(settings: Any) -> None:
    with brokers.broker() as server:
        server.ask("CONFIG", "SET", "maxmemory", "1")
        full = await checked(settings, "core", server.url)
    with brokers.pair() as (_, replica):
        following = await checked(settings, "core", replica.url)
    with brokers.cluster(2) as (node, _):
        shared = await checked(settings, "core", node.url)

    assert fixes(full) == dict.fromkeys(("CHO101", "CHO204"), rules.MEMORY.fix)
    assert fixes(following) == dict.fromkeys(("CHO101", "CHO202"), rules.ROLE.fix)
    assert fixes(shared)["CHO203"] == rules.CLUSTER.fix
    # By chance the first key is on this very node, and the next one is not.
    assert {fixes(shared).get(each) for each in ("CHO101", "CHO102")} <= {rules.CLUSTER.fix, None}
    assert fixes(shared).keys() & {"CHO101", "CHO102", "CHO105", "CHO107"}


async def test_tls_that_the_port_does_not_speak_is_named(
    guarded: brokers.Broker, settings: Any, kind: str
) -> None:
    url = guarded.tcp.replace("redis://", "rediss://")
    wanted = Wanted(only=frozenset({"CHO101"}), timeout=1)

    done = await checked(settings, kind, url, wanted=wanted)

    assert "write redis:// in place of rediss://" in fixes(done)["CHO101"]


@only("tcp", [False, True])
async def test_a_server_without_room_for_one_more_client_is_told(
    settings: Any, kind: str, *, tcp: bool
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(brokers.broker("--maxclients", "6", tcp=True))
        for _ in range(6):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            client.sendall(b"PING\r\n")
            client.recv(64)
        done = await checked(settings, kind, server.tcp if tcp else server.url)

    assert fixes(done)["CHO207"] == rules.CLIENTS.fix
    assert "`maxclients`" in fixes(done)["CHO101"]
    assert done.exit is Exit.NO


# ---------------------------------------------------------------- options


@only(
    ("config", "rule"),
    [
        ({"expiry": None}, "CHO101"),
        ({"channel_capacity": {"specific.*": "100"}}, "CHO101"),
        ({"random_prefix_length": "4"}, "CHO101"),
        ({"group_expiry": 86400.5}, "CHO102"),
        ({"expiry": 1.5}, "CHO102"),
    ],
)
async def test_an_option_that_the_layer_raises_for_fails_what_consumers_do(
    broker: redis.Redis, server: Any, settings: Any, config: dict[str, Any], rule: str
) -> None:
    done = await checked(settings, "core", server.url, **config)
    broker.flushall()

    assert bad(done)[rule] == "fail"
    assert "CHO005" in fixes(done)[rule]
    assert "the probe broke" not in repr(done)
    assert done.exit is Exit.NO


@only(
    ("config", "host"),
    [
        ({"expiry": "60"}, {}),
        *(({"capacity": capacity}, {}) for capacity in (1, 2, 5, 10, 40, 49)),
        ({}, {"max_connections": 3}),
        ({}, {"max_connections": 5}),
    ],
)
async def test_a_layer_with_little_room_is_quiet(
    broker: redis.Redis, server: Any, settings: Any, config: dict[str, Any], host: dict[str, Any]
) -> None:
    done = await checked(settings, "core", server.url, host=host, **config)

    assert bad(done) == {}
    assert all(each.fix is None for each in done.findings)


@only(("connections", "status"), [(1, "fail"), (5, None)])
async def test_a_pubsub_layer_fails_only_where_it_has_too_few_connections_itself(
    broker: redis.Redis, server: Any, settings: Any, connections: int, status: str | None
) -> None:
    done = await checked(settings, "pubsub", server.url, host={"max_connections": connections})

    assert bad(done).get("CHO101") == status
    assert bool(bad(done)) is (status is not None)
    assert ("Raise `max_connections`" in repr(fixes(done))) is (status is not None)


# ---------------------------------------------------------------- our own doing


async def test_connections_that_a_check_cuts_are_not_logged(
    broker: redis.Redis, server: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = Wanted(only=frozenset({"CHO124"}), deep=True)

    done = await checked(settings, "pubsub", server.url, wanted=wanted)
    logging.getLogger("channels_redis.pubsub").error("of others")

    assert bad(done) == {}
    assert [record.getMessage() for record in caplog.records] == ["of others"]
