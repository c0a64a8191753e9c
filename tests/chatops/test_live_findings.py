"""The live findings: each is quiet on a healthy layer, and names the culprit on a broken one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from application import configure, opened
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from servers import valkey

from chatops.errors import Exit
from chatops.layers.choose import adapter
from chatops.model.finding import Status
from chatops.model.rules import RULES, group_of
from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.check import check

if TYPE_CHECKING:
    import redis

    from chatops.layers.base import LayerAdapter
    from chatops.model.finding import Check, Finding

SOURCE = LayerSource(settings="nowhere.settings")
LIVE = frozenset(rule for rule in RULES if group_of(rule) == "live")
TWINS = frozenset({"CHO106", "CHO111"})
DEEP = frozenset(rule for rule in LIVE if rule > "CHO120")
ALONE = LIVE - TWINS - DEEP
QUIET = {Status.OK, Status.NONE}


async def live(layer: LayerAdapter, *rules: str, **wanted: Any) -> dict[str, Finding]:
    """Look at these live rules, or at all that need no other process."""
    asked = Wanted(only=frozenset(rules) or ALONE, **wanted)
    done = await check(layer, SOURCE, asked)
    return {each.id: each for each in done.findings}


async def one(faulty: str, settings: Any, rule: str, **wanted: Any) -> Finding:
    """Look at one rule on a layer that has one fault."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"faulty.{faulty}"}}
    return (await live(adapter("default"), rule, **wanted))[rule]


# ---------------------------------------------------------------- healthy


async def test_a_healthy_layer_is_quiet(layer: LayerAdapter) -> None:
    found = await live(layer)

    assert {rule: each for rule, each in found.items() if each.status is not Status.OK} == {
        "CHO109": found["CHO109"]
    }
    assert found["CHO109"].status is Status.NONE
    assert (found["CHO101"].value, found["CHO101"].unit) == (0, "%")
    assert found["CHO101"].p50_ms is not None
    assert (found["CHO108"].value, found["CHO108"].unit) == (1024 * 1024, "bytes")


@pytest.mark.parametrize(
    "backend", ["channels.layers.InMemoryChannelLayer", "layers_of_others.Unknown"]
)
async def test_a_healthy_layer_without_a_server_is_quiet(settings: Any, backend: str) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}}

    found = await live(adapter("default"), *ALONE)

    assert found.keys() == ALONE
    assert [each for each in found.values() if each.status not in QUIET] == []


async def test_a_healthy_layer_is_quiet_deep_down(layer: LayerAdapter) -> None:
    found = await live(layer, *DEEP, deep=True)

    stored = {"CHO122", "CHO123"} if layer.kind == "core" else set()
    assert {rule for rule, each in found.items() if each.status is Status.OK} == {
        *("CHO121", "CHO124"),
        *stored,
    }
    assert {each.status for each in found.values()} <= QUIET


async def test_several_hosts_lose_direct_sends_on_core_and_nothing_else(
    settings: Any, kind: str
) -> None:
    with valkey() as first, valkey() as second:
        configure(settings, kind, first.url)
        hosts = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
        hosts.append({**hosts[0], "address": second.url})
        async with opened("default") as layer:
            found = await live(layer)

    told = found.pop("CHO109")
    assert [each for each in found.values() if each.status not in QUIET] == []
    if kind == "core":
        assert told.status is Status.WARN  # by chance not, once in 2**16 times
        assert "16 direct sends were lost, over 2 hosts (channels_redis #221)" in told.detail
    else:
        assert told.status is Status.OK


# ---------------------------------------------------------------- broken


@pytest.mark.parametrize(
    ("faulty", "rule", "detail"),
    [
        ("Lossy", "CHO101", "7 of 8 came back"),
        ("Forgetful", "CHO102", "2 of 3 members got it exactly once"),
        ("Doubling", "CHO102", "0 of 3 members got it exactly once"),
        ("Clinging", "CHO103", "the one that stayed got 1 of 1, the one that left 1 of 0"),
        ("Rounding", "CHO104", "came back changed: nothing"),
        ("Swapping", "CHO105", "all 50 came, but out of order"),
        ("Lossy", "CHO105", "of 50, 5 were lost and 0 came twice"),
        ("Leaking", "CHO107", "a group heard another: '.a' got what was sent to '.A'"),
        ("Swallowing", "CHO108", "256 kB vanished, 64 kB came back"),
    ],
)
async def test_a_fault_fails_its_probe(settings: Any, faulty: str, rule: str, detail: str) -> None:
    found = await one(faulty, settings, rule)

    assert (found.status, found.detail.partition(", p50")[0]) == (Status.FAIL, detail)
    assert found.fix


async def test_a_loss_that_is_allowed_is_none(settings: Any) -> None:
    found = await one("Lossy", settings, "CHO101", samples=20, loss_crit=20.0)

    assert (found.status, found.unit) == (Status.OK, "%")
    assert found.value


async def test_a_loss_beyond_the_limit_is_a_failure(settings: Any) -> None:
    found = await one("Lossy", settings, "CHO101", samples=20, loss_crit=4.0)

    assert found.status is Status.FAIL


@pytest.mark.parametrize(
    ("warn", "crit", "status"),
    [(10_000, 20_000, Status.OK), (20, 20_000, Status.WARN), (10, 20, Status.FAIL)],
)
async def test_round_trips_are_held_against_their_limits(
    settings: Any, warn: float, crit: float, status: Status
) -> None:
    found = await one("Slow", settings, "CHO101", samples=5, rtt_warn=warn, rtt_crit=crit)

    assert found.status is status
    assert found.p50_ms is not None
    assert found.p50_ms >= 50


async def test_one_sample_is_enough(memory: LayerAdapter) -> None:
    found = await live(memory, "CHO101", samples=1)

    assert found["CHO101"].detail.startswith("1 of 1 came back")


async def test_more_samples_than_there_is_time_for_are_no_failure(settings: Any) -> None:
    found = await one("Slow", settings, "CHO101", samples=1000, timeout=2)

    assert found.status is Status.OK
    assert "came back before the time for 1000 was over" in found.detail


async def test_a_large_message_that_is_refused_is_told_with_the_error(settings: Any) -> None:
    found = await one("Refusing", settings, "CHO108")

    assert found.status is Status.WARN
    assert found.detail.startswith("256 kB cannot be sent, 64 kB can")
    assert "too long for me" in found.detail


@pytest.mark.parametrize("kind", ["core"])
async def test_a_limit_of_the_server_is_told(broker: redis.Redis, layer: LayerAdapter) -> None:
    broker.config_set("proto-max-bulk-len", 1024 * 1024)
    found = await live(layer, "CHO108")
    broker.config_set("proto-max-bulk-len", 512 * 1024 * 1024)

    assert found["CHO108"].status is Status.WARN
    assert found["CHO108"].detail.startswith("1024 kB cannot be sent, 256 kB can")


async def test_a_layer_that_is_bound_to_one_event_loop_fails(settings: Any) -> None:
    found = await one("OneLoop", settings, "CHO110")

    assert found.status is Status.FAIL
    assert found.detail.startswith("send 2 of 2 by async_to_sync in a thread")
    assert "attached to a different loop" in found.detail


async def test_what_a_layer_raises_fails_its_probes_and_the_rest_goes_on(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "faulty.Breaking"}}

    found = await live(adapter("default"))

    assert found["CHO102"].status is found["CHO103"].status is Status.FAIL
    assert "ZeroDivisionError" in found["CHO102"].detail
    assert "authors of the channel layer" in (found["CHO102"].fix or "")
    assert found["CHO104"].status is found["CHO105"].status is Status.OK


async def test_an_error_that_quotes_the_message_is_cut_short(settings: Any) -> None:
    found = await one("Quoting", settings, "CHO108")

    assert found.status is Status.FAIL
    assert "xxx" in found.detail
    assert len(found.detail) < 400


async def test_a_mistake_in_the_layers_own_code_is_no_server_that_is_away(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "faulty.Slipping"}}

    done = await check(adapter("default"), SOURCE, Wanted(only=ALONE))

    assert done.exit is Exit.NO
    assert done.findings[0].detail == (
        "The channel layer 'default' (faulty.Slipping) raised KeyError('host')"
    )
    assert "authors of the channel layer" in (done.findings[0].fix or "")


# ---------------------------------------------------------------- deep


@pytest.mark.parametrize(
    ("faulty", "rule", "detail"),
    [
        ("Impatient", "CHO121", "a receive on an empty channel ended"),
        ("Bottomless", "CHO122", "the queue took more than 30 messages"),
        ("Narrow", "CHO122", "the queue was full after 60 messages, not 100"),
    ],
)
async def test_a_fault_fails_its_deep_probe(
    settings: Any, faulty: str, rule: str, detail: str
) -> None:
    found = await one(faulty, settings, rule, deep=True)

    assert found.status is Status.FAIL
    assert found.detail.startswith(detail)


async def test_a_redis_that_gives_up_idle_reads_fails(
    broker: redis.Redis, server: Any, settings: Any
) -> None:
    configure(settings, "core", server.url)
    settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["socket_timeout"] = 2
    async with opened("default") as layer:
        found = await live(layer, "CHO121", deep=True)

    assert found["CHO121"].status is Status.FAIL
    assert "Timeout" in found["CHO121"].detail


async def test_messages_that_never_expire_fail(
    broker: redis.Redis, server: Any, settings: Any
) -> None:
    configure(settings, "core", server.url)
    settings.CHANNEL_LAYERS["default"]["BACKEND"] = "faulty.Everlasting"
    async with opened("default") as layer:
        found = await live(layer, "CHO123", deep=True)

    assert (found["CHO123"].status, found["CHO123"].detail) == (
        Status.FAIL,
        "the server never forgets a message; configured are 60 s",
    )


async def test_a_layer_that_stays_deaf_after_a_cut_fails(
    broker: redis.Redis, server: Any, settings: Any
) -> None:
    configure(settings, "pubsub", server.url)
    entry = settings.CHANNEL_LAYERS["default"]
    entry["BACKEND"] = "faulty.Deaf"
    entry["CONFIG"]["hosts"][0]["retry"] = Retry(NoBackoff(), 0)
    async with opened("default") as layer:
        found = await live(layer, "CHO124", deep=True)

    assert found["CHO124"].status is Status.FAIL
    assert "nothing arrived within 5 s" in found["CHO124"].detail


async def test_who_may_not_cut_connections_gets_an_unknown(
    broker: redis.Redis, server: Any, settings: Any, kind: str
) -> None:
    broker.execute_command("ACL", "SETUSER", "careful", "on", ">pw", "~*", "&*", "+@all")
    broker.execute_command("ACL", "SETUSER", "careful", "-client|kill", "-client|list")
    url = server.url.replace("unix://", "unix://careful:pw@")
    async with opened(configure(settings, kind, url)) as layer:
        found = await live(layer, "CHO124", deep=True)
    broker.execute_command("ACL", "DELUSER", "careful")

    assert found["CHO124"].status is Status.UNKNOWN
    assert "may not run" in found["CHO124"].detail


async def test_without_deep_nothing_deep_is_tried(memory: LayerAdapter) -> None:
    assert await live(memory, *DEEP) == {}


# ---------------------------------------------------------------- no answer


async def test_a_layer_without_a_server_is_told_and_the_rest_is_unknown(
    settings: Any, kind: str
) -> None:
    async with opened(configure(settings, kind, "unix:///nowhere/at/all.sock")) as layer:
        done = await check(layer, SOURCE, Wanted())

    found = {finding.id: finding for finding in done.findings}
    assert done.exit is Exit.NO_ANSWER
    assert found["CHO101"].status is Status.FAIL
    assert "/nowhere/at/all.sock" in found["CHO101"].detail
    assert {found[rule].status for rule in (LIVE - DEEP) - {"CHO101"}} == {Status.UNKNOWN}


def stops(layer: LayerAdapter, server: Any) -> None:
    """Let the server hang as soon as a group is joined."""
    add = layer.layer.group_add

    async def stopping(group: str, channel: str) -> None:
        server.freeze()
        await add(group, channel)

    layer.layer.group_add = stopping


@pytest.mark.parametrize("when", ["at first", "in the middle"])
async def test_a_server_that_hangs_is_waited_for_once_and_not_by_each_probe(
    settings: Any, kind: str, when: str
) -> None:
    with valkey() as server:
        async with opened(configure(settings, kind, server.url)) as layer:
            if when == "at first":
                server.freeze()
            else:
                stops(layer, server)
            done = await check(layer, SOURCE, Wanted(only=LIVE, timeout=2))
            server.thaw()

    unknown = [each for each in done.findings if each.status is Status.UNKNOWN]
    assert done.answered is (when != "at first")
    assert len(unknown) > 5
    assert done.seconds < 2 * len(unknown)


async def test_what_the_server_does_not_allow_fails_and_leaves_the_rest_unknown(
    broker: redis.Redis, server: Any, settings: Any, kind: str
) -> None:
    broker.execute_command("ACL", "SETUSER", "guest", "on", ">pw", "+ping", "+client", "+select")
    url = server.url.replace("unix://", "unix://guest:pw@")
    async with opened(configure(settings, kind, url)) as layer:
        done: Check = await check(layer, SOURCE, Wanted(only=LIVE))
    broker.execute_command("ACL", "DELUSER", "guest")

    first, *others = done.findings
    assert first.status is Status.FAIL
    assert "may not run" in first.detail
    assert (first.fix or "").startswith("ACL SETUSER guest +")
    assert {each.status for each in others} == {Status.UNKNOWN}
    assert done.exit is Exit.NO


async def test_a_layer_that_cannot_be_built_fails_the_check(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "nowhere.Layer"}}

    done = await check(adapter("default"), SOURCE, Wanted())

    failed = [each.id for each in done.findings if each.status is Status.FAIL]
    assert failed == ["CHO001"]
    assert [each for each in done.findings if each.id in LIVE] == []
    assert done.exit is Exit.NO
