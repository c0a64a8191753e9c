"""What a broker does not let us ask is unknown, with what would allow it, and without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import brokers
import pytest
from application import configure, opened
from findings import found
from workers import workers

from chatops.model.finding import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

only = pytest.mark.parametrize

INFO = {"CHO201", "CHO202", "CHO203", "CHO204", "CHO207"}
KEYS = {"CHO209", "CHO210", "CHO211", "CHO213", "CHO214", "CHO215"}


@pytest.fixture(scope="module")
def guarded() -> Iterator[brokers.Broker]:
    with brokers.broker() as running:
        yield running


async def findings_as(settings: Any, kind: str, url: str) -> dict[str, Any]:
    async with opened(configure(settings, kind, url)) as layer:
        layer.vouched = True
        return await found(layer)


@only(
    ("kind", "denied", "ids", "allow"),
    [
        ("core", "-info", INFO | {"CHO205"}, "+info"),
        ("core", "-time", {"CHO208"}, "+time"),
        ("core", "-scan", KEYS, "+scan"),
        ("core", "-zscore", {"CHO209", "CHO215"}, "+zscore"),
        ("core", "-pubsub", {"CHO212"}, "+pubsub|channels"),
        ("pubsub", "-info", INFO, "+info"),
        ("pubsub", "-config", {"CHO206"}, "+config|get"),
        ("pubsub", "-client", {"CHO206"}, "+client|list"),
        ("pubsub", "-pubsub", {"CHO213"}, "+pubsub|channels"),
        ("pubsub", "-psubscribe", {"CHO214"}, "+psubscribe"),
    ],
)
async def test_a_command_that_the_user_may_not_run_is_unknown(  # noqa: PLR0913 - a table
    *, guarded: brokers.Broker, settings: Any, kind: str, denied: str, ids: set[str], allow: str
) -> None:
    url = guarded.user("reader", "~*", "&*", "+@all", denied)
    with workers(1, guarded.url, "chat_a"):
        findings = await findings_as(settings, kind, url)
    guarded.ask("FLUSHALL")
    unknown = {each.id: each for each in findings.values() if each.status is Status.UNKNOWN}

    assert ids <= set(unknown)
    named = {str(unknown[each].fix).replace("<user>", "reader") for each in ids}  # Redis < 7.2
    assert named == {f"ACL SETUSER reader {allow}"}
    assert "s3cret" not in repr(findings)


async def test_a_user_with_the_rights_that_we_name_is_told_everything(
    guarded: brokers.Broker, settings: Any, kind: str
) -> None:
    asked = (
        "+info +time +scan +zrange +zrangebyscore +zrevrangebyscore +zcount +zcard +zscore "
        "+zadd +zrem +expire +multi +exec +pubsub|channels +select +config|get +client|list "
        "+psubscribe +ping"
    )
    url = guarded.user("reader", "~*", "&asgi*", *asked.split())
    with workers(1, guarded.url, "chat_a"):
        findings = await findings_as(settings, kind, url)
    guarded.ask("FLUSHALL")

    assert not [each for each in findings.values() if each.status is Status.UNKNOWN]


async def test_groups_under_other_prefixes_that_may_not_be_looked_at_are_unknown(
    guarded: brokers.Broker, settings: Any
) -> None:
    url = guarded.user("reader", "~asgi*", "&*", "+@all")
    with workers(1, guarded.url, "chat_a", prefix="shop"):
        findings = await findings_as(settings, "core", url)
    guarded.ask("FLUSHALL")

    assert findings["CHO213"].status is Status.UNKNOWN


async def test_a_renamed_command_is_unknown_and_said_to_be(settings: Any, kind: str) -> None:
    with brokers.broker("--rename-command", "INFO", "") as server:
        findings = await findings_as(settings, kind, server.url)

    assert {findings[each].status for each in INFO} == {Status.UNKNOWN}
    assert "no INFO: it was renamed or switched off" in findings["CHO201"].detail
    assert findings["CHO214"].status is Status.NONE


async def test_a_field_that_a_managed_server_hides_is_unknown(settings: Any, kind: str) -> None:
    def hiding(data: bytes) -> bytes:
        return data.replace(b"\r\nmaxclients", b"\r\nxxxclients")

    with brokers.broker() as server:
        async with brokers.rewritten(server, hiding) as url:
            findings = await findings_as(settings, kind, url)

    assert findings["CHO207"].status is Status.UNKNOWN
    assert "`maxclients`" in findings["CHO207"].detail
    assert findings["CHO204"].status is Status.OK


async def test_a_wrong_password_is_never_printed(
    guarded: brokers.Broker, settings: Any, kind: str
) -> None:
    url = guarded.user("reader", "~*", "&*", "+@all").replace("s3cret", "wr0ng")
    findings = await findings_as(settings, kind, url)

    assert findings["CHO201"].status is Status.UNKNOWN
    assert "wr0ng" not in repr(findings)
