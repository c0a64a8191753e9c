"""What settings alone give away: each mistake is named, and a healthy set-up is quiet."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from application import BACKENDS, configure, opened
from channels.layers import InMemoryChannelLayer, channel_layers
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from channels_redis.utils import create_pool, decode_hosts

from chatops.checks import settings_findings
from chatops.checks.host import decoded
from chatops.checks.options import KNOWN
from chatops.checks.silenced import silenced
from chatops.errors import BrokenLayer
from chatops.layers.choose import adapter
from chatops.model.finding import Finding, Status
from chatops.model.rules.settings import LOGGED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import redis
    from servers import Valkey


IDS = [f"CHO{number:03}" for number in range(1, 12)]
ALL_BACKENDS = {**BACKENDS, "memory": "channels.layers.InMemoryChannelLayer"}
QUIET = {"address": "redis://localhost:6379/0", "socket_timeout": None, "protocol": 2}


def found(kind: str, *strays: str, **config: object) -> dict[str, Finding]:
    """The findings of one entry with such a CONFIG, by id."""
    entry = {"BACKEND": ALL_BACKENDS[kind], "CONFIG": config, **dict.fromkeys(strays, 1)}
    return {each.id: each for each in settings_findings("default", entry, kind)}


def bad(findings: dict[str, Finding]) -> dict[str, Status]:
    """What is not passed, and not without meaning either."""
    fine = (Status.OK, Status.NONE)
    return {each.id: each.status for each in findings.values() if each.status not in fine}


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("core", {"hosts": [QUIET]}),
        ("core", {"hosts": [QUIET], "capacity": 1000, "channel_capacity": {"http.*": 5}}),
        ("core", {"hosts": [QUIET], "group_expiry": 3600, "expiry": 10, "prefix": "x"}),
        ("pubsub", {"hosts": [QUIET]}),
        ("pubsub", {"hosts": [("localhost", 6379)], "serializer_format": "json"}),
        ("pubsub", {}),
        ("pubsub", {"hosts": ["redis://localhost/3"], "prefix": "mysite"}),
        ("memory", {}),
        ("memory", {"capacity": 10, "expiry": 5, "group_expiry": 5}),
    ],
)
def test_a_healthy_entry_is_quiet_on_every_row(kind: str, config: dict[str, Any]) -> None:
    findings = found(kind, **config)

    assert sorted(findings) == IDS
    assert bad(findings) == ({"CHO003": Status.WARN} if kind == "memory" else {})


# ---------------------------------------------------------------- held against the libraries

FORMS: list[Any] = [
    "redis://localhost:6379",
    "redis://localhost/1",
    "redis://localhost/1?db=2",
    "redis://localhost?socket_timeout=7.5",
    "redis://localhost?socket_timeout=none",
    "redis://localhost?db=x",
    "redis://localhost:port/1",
    "redis://localhost/news",
    "rediss://localhost/%31?socket_timeout=1",
    "unix:///run/redis.sock",
    "unix:///7",
    "unix:///run/redis.sock?db=3&socket_timeout=6",
    "localhost:6379",
    "",
    6379,
    None,
    ("localhost", 6379),
    ["localhost", 6379, "and more"],
    {"address": "redis://localhost/1", "socket_timeout": None, "db": 5},
    {"address": "redis://localhost", "socket_timeout": None, "db": 5},
    {"address": "redis://localhost?socket_timeout=3", "socket_timeout": None},
    {"address": "unix:///run/redis.sock", "socket_timeout": 20, "db": "4"},
    {"address": "localhost:6379"},
    {"host": "localhost", "port": 6379, "db": 2},
    {"host": "localhost", "socket_timeout": 9},
    {},
    {"sentinels": [("localhost", 26379)], "master_name": "main"},
    {"sentinels": [("localhost", 26379)], "master_name": "main", "socket_timeout": None, "db": 1},
    {
        "sentinels": [("localhost", 26379)],
        "master_name": "main",
        "sentinel_kwargs": {"socket_timeout": None},
    },
    {"master_name": "main"},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_host_is_read_as_the_libraries_read_it(form: Any) -> None:
    [read] = decoded([form])

    try:
        pool = create_pool(decode_hosts([form])[0])
        connection = pool.make_connection()
    except (ValueError, AttributeError, TypeError, KeyError):
        assert read.problem is not None
    else:
        assert read.problem is None
        assert read.timeout == connection.socket_timeout
        assert read.db == int(connection.db)


@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_the_static_verdict_on_idle_connections_is_the_exact_one(
    settings: Any, form: Any
) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": BACKENDS["core"], "CONFIG": {"hosts": [form]}}
    }
    static = found("core", hosts=[form])

    if static["CHO001"].status is Status.OK:
        async with opened("default") as layer:
            exact = {each.id: each for each in layer.settings_findings()}
            assert {each: static[each] for each in exact} == exact
    else:
        assert "hosts[0]" in static["CHO001"].detail


def test_no_hosts_are_one_at_localhost() -> None:
    [default] = decode_hosts(None)

    assert decoded(None) == decoded([default["address"]]) == decoded([])


def test_the_options_are_those_of_the_classes() -> None:
    def taken(*classes: type) -> set[str]:
        named = {name for each in classes for name in inspect.signature(each).parameters}
        return named - {"args", "kwargs", "channel_layer"}

    assert set(KNOWN["core"]) == taken(RedisChannelLayer)
    assert set(KNOWN["pubsub"]) == taken(RedisPubSubChannelLayer, RedisPubSubLoopLayer)
    assert set(KNOWN["memory"]) == taken(InMemoryChannelLayer)


# ---------------------------------------------------------------- CHO001

MALFORMED: list[tuple[Any, str]] = [
    ([], "must be a dict, not a list"),
    ({}, "no BACKEND"),
    ({"BACKEND": "channels_redis"}, "no BACKEND"),
    ({"BACKEND": RedisChannelLayer}, "no BACKEND"),
    ({"BACKEND": "nowhere.core.Layer"}, "the package 'nowhere' is not installed"),
    ({"BACKEND": "channels_redis.cor.RedisChannelLayer"}, "there is no channels_redis.cor"),
    ({"BACKEND": "channels_redis.core.RedisLayer"}, "channels_redis.core has no RedisLayer"),
    ({"BACKEND": "channels.layers.MemoryChannelLayer"}, "has no MemoryChannelLayer"),
    ({"BACKEND": BACKENDS["core"], "ROUTING": "x.y"}, "ROUTING"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": None}, "CONFIG must be a dict"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {1: 2}}, "no text"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"hosts": "redis://h"}}, "must be a list, not a str"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"hosts": ("h", 6379)}}, r"hosts\[0\] must be a URL"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"hosts": [("h",)]}}, r"hosts\[0\] must be a URL"),
    ({"BACKEND": BACKENDS["pubsub"], "CONFIG": {"hosts": {"address": "redis://h"}}}, "a list"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"prefix": 3}}, "prefix must be text"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"capcity": 3}}, "did you mean 'capacity'"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"url": "x"}}, "no option 'url'$"),
    ({"BACKEND": ALL_BACKENDS["memory"], "CONFIG": {"hosts": []}}, "no option 'hosts'$"),
    ({"BACKEND": BACKENDS["core"], "CONFIG": {"symmetric_encryption_keys": "k"}}, "be a list"),
]


@pytest.mark.parametrize(("entry", "culprit"), MALFORMED)
def test_what_cannot_be_built_is_named(settings: Any, entry: Any, culprit: str) -> None:
    settings.CHANNEL_LAYERS = {"default": entry}

    first = settings_findings("default", entry, None)[0]

    assert (first.id, first.status) == ("CHO001", Status.FAIL)
    assert pytest.raises(AssertionError, match=culprit).matches(AssertionError(first.detail))
    with pytest.raises(BrokenLayer):
        _ = adapter("default").layer


def test_a_strangers_layer_is_not_judged() -> None:
    entry = {"BACKEND": "json.Layer", "CONFIG": {"anything": 1}}
    known = {"BACKEND": "hypothesis.Layer", "CONFIG": {"anything": 1}}

    missing = settings_findings("default", entry, None)[0]
    told = {each.id: each for each in settings_findings("default", known, None)}

    assert missing.detail == "BACKEND is 'json.Layer', and json has no Layer"
    assert told.pop("CHO001").status is Status.FAIL
    assert bad(told) == {}


def test_a_password_is_never_in_a_finding() -> None:
    hosts = ["user:hunter2@localhost:6379", "redis://:hunter2@localhost:port"]

    for host in hosts:
        assert "hunter2" not in str(found("core", hosts=[host]))


# ---------------------------------------------------------------- CHO002 and CHO004


def test_a_host_that_times_out_is_named_among_others() -> None:
    findings = found("core", hosts=[QUIET, {**QUIET, "socket_timeout": 5}])

    assert bad(findings) == {"CHO002": Status.FAIL, "CHO004": Status.WARN}
    assert "hosts[1] after 5 s" in findings["CHO002"].detail
    assert "2 hosts" in findings["CHO004"].detail


async def test_a_class_that_waits_longer_is_judged_by_its_own_time(settings: Any) -> None:
    host = {**QUIET, "socket_timeout": 10}
    backend = f"{__name__}.Patient"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"hosts": [host]}}}

    async with opened("default") as layer:
        exact = {each.id: each for each in layer.settings_findings()}

    assert exact["CHO002"].status is Status.FAIL
    assert "the layer waits 30 s" in exact["CHO002"].detail


class Patient(RedisChannelLayer):  # type: ignore[misc]
    brpop_timeout = 30


# ---------------------------------------------------------------- CHO003


async def test_the_in_memory_layer_is_told_and_what_extends_it() -> None:
    entry = {"BACKEND": f"{__name__}.Mine", "CONFIG": {"whatever": 1}}

    told = {each.id: each for each in settings_findings("default", entry, None)}

    assert bad(told) == {"CHO003": Status.WARN}


class Mine(InMemoryChannelLayer):  # type: ignore[misc]
    """A project's own."""


# ---------------------------------------------------------------- CHO005


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"capacity": 5}, "'capacity' has no effect"),
        ({"group_expiry": 5}, "'group_expiry' has no effect"),
        ({"prefx": "x"}, "'prefx' is unknown and has no effect; did you mean 'prefix'?"),
        ({"HOSTS": []}, "did you mean 'hosts'?"),
        ({"zzz": 1}, "'zzz' is unknown and has no effect"),
        ({"on_reconnect": print}, "'on_reconnect' is taken, but never called"),
        ({"hosts": []}, "'hosts' is empty, so that redis://localhost:6379 is used"),
    ],
)
def test_an_option_without_effect_is_named(config: dict[str, Any], said: str) -> None:
    findings = found("pubsub", **config)

    assert bad(findings) == {"CHO005": Status.WARN}
    assert said in findings["CHO005"].detail


def test_what_stands_beside_config_is_named() -> None:
    findings = found("core", "OPTIONS", "TEST_CONFIG", hosts=[QUIET])

    assert bad(findings) == {"CHO005": Status.WARN}
    assert findings["CHO005"].detail == "'OPTIONS' stands beside CONFIG, where nobody reads it"


async def test_a_capacity_on_pubsub_really_has_no_effect(
    broker: redis.Redis, server: Valkey, settings: Any
) -> None:
    async with opened(configure(settings, "pubsub", server.url, capacity=1)) as layer:
        channel = await layer.new_channel()
        for number in range(5):
            await layer.send(channel, {"type": "x", "number": number})
        came = [await layer.receive(channel) for _ in range(5)]

    assert [each and each["number"] for each in came] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("core", {"capacity": "100"}),
        ("core", {"capacity": None}),
        ("core", {"capacity": 0}),
        ("core", {"expiry": 0}),
        ("core", {"group_expiry": "86400"}),
        ("core", {"group_expiry": 86400.5}),
        ("core", {"expiry": 1.5}),
        ("core", {"expiry": None}),
        ("core", {"channel_capacity": {"specific.*": "100"}}),
        ("core", {"random_prefix_length": "4"}),
        ("memory", {"capacity": "100"}),
        ("memory", {"expiry": "60"}),
        ("memory", {"channel_capacity": {"http.request": 200}}),
    ],
)
async def test_an_option_that_breaks_the_layer_fails_and_really_does(
    broker: redis.Redis, server: Valkey, settings: Any, kind: str, config: dict[str, Any]
) -> None:
    hosts = {"hosts": [{**QUIET, "address": server.url}]} if kind == "core" else {}
    entry = {"BACKEND": ALL_BACKENDS[kind], "CONFIG": {**config, **hosts}}
    settings.CHANNEL_LAYERS = {"default": entry}

    findings = found(kind, **config, **hosts)

    assert findings["CHO005"].status is Status.FAIL
    assert next(iter(config)) in findings["CHO005"].detail
    assert not await works(channel_layers.make_backend("default"))
    broker.flushall()


@pytest.mark.parametrize("kind", ["core", "pubsub"])
@pytest.mark.parametrize("host", [{"decode_responses": True}, "?decode_responses=no"])
async def test_text_in_place_of_bytes_fails_and_really_does(
    broker: redis.Redis, server: Valkey, settings: Any, kind: str, host: Any
) -> None:
    address = server.url if isinstance(host, dict) else server.url.replace("?", f"{host}&")
    more = host if isinstance(host, dict) else {}
    hosts = [{**QUIET, "address": address, **more}]
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": ALL_BACKENDS[kind], "CONFIG": {"hosts": hosts}}
    }

    findings = found(kind, hosts=hosts)

    assert findings["CHO005"].status is Status.FAIL
    assert "'decode_responses' of hosts[0]" in findings["CHO005"].detail
    async with opened("default") as layer:
        assert not await works(layer.layer)
    broker.flushall()


@pytest.mark.parametrize(("kind", "capacity"), [("core", 9), ("memory", 1), ("core", 10)])
def test_a_capacity_of_a_handful_is_told(kind: str, capacity: int) -> None:
    finding = found(kind, capacity=capacity)["CHO005"]

    assert finding.status is (Status.WARN if capacity < 10 else Status.OK)


@pytest.mark.parametrize("password", ["s3cr#et", "Top/S3cret", "s3cret?x"])
async def test_a_password_that_splits_a_url_is_never_told(
    settings: Any, kind: str, password: str
) -> None:
    host = {"address": f"redis://user:{password}@127.0.0.1:6379/0"}
    entry = {"BACKEND": ALL_BACKENDS[kind], "CONFIG": {"hosts": [host]}}
    settings.CHANNEL_LAYERS = {"default": entry}

    with pytest.raises(BrokenLayer, match="percent-encode") as raised:
        _ = adapter("default").layer

    told = f"{raised.value} {found(kind, hosts=[host])}"
    assert not any(part in told for part in ("s3cr", "Top", "S3cret"))


async def works(layer: Any) -> bool:
    """Whether a group's message comes."""
    try:
        channel = await layer.new_channel()
        await layer.group_add("g", channel)
        await layer.send(channel, {"type": "x"})
        await asyncio.wait_for(layer.receive(channel), 1)
        await layer.group_send("g", {"type": "x"})
        await asyncio.wait_for(layer.receive(channel), 1)
    except Exception:  # noqa: BLE001 - whatever the layer raises
        return False
    return True


# ---------------------------------------------------------------- CHO006


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The core layer's logger, alone, and afterwards as it was."""
    ours = logging.getLogger("channels_redis.core")
    level, handlers, propagate = ours.level, ours.handlers[:], ours.propagate
    ours.handlers[:], ours.propagate = [], False
    ours.setLevel(logging.INFO)
    yield ours
    ours.handlers[:], ours.propagate = handlers, propagate
    ours.setLevel(level)


def never(_: logging.LogRecord) -> bool:
    return False


def handler(level: int = logging.NOTSET, *filters: Any) -> logging.Handler:
    made = logging.StreamHandler()
    made.setLevel(level)
    for each in filters:
        made.addFilter(each)
    return made


@pytest.mark.parametrize(
    ("handlers", "level", "status"),
    [
        ([handler()], logging.INFO, Status.OK),
        ([handler(logging.WARNING), handler(logging.INFO)], logging.DEBUG, Status.OK),
        ([], logging.INFO, Status.WARN),
        ([logging.NullHandler()], logging.INFO, Status.WARN),
        ([handler(logging.WARNING)], logging.INFO, Status.WARN),
        ([handler(logging.INFO, never)], logging.INFO, Status.WARN),
        ([handler()], logging.WARNING, Status.WARN),
    ],
)
def test_drops_are_shown_where_a_handler_takes_them(
    logger: logging.Logger, handlers: list[Any], level: int, status: Status
) -> None:
    logger.handlers[:] = handlers
    logger.setLevel(level)

    assert found("core", hosts=[QUIET])["CHO006"].status is status


def test_a_handler_of_a_parent_counts_where_records_come_to_it(logger: logging.Logger) -> None:
    logger.handlers[:] = []  # pytest's own
    parent = logging.getLogger("channels_redis")
    parent.addHandler(shown := handler())
    try:
        alone = found("core", hosts=[QUIET])["CHO006"].status
        logger.propagate = True
        together = found("core", hosts=[QUIET])["CHO006"].status
    finally:
        parent.removeHandler(shown)

    assert (alone, together) == (Status.WARN, Status.OK)


# ---------------------------------------------------------------- CHO007


async def test_members_that_expire_too_soon_are_told(settings: Any) -> None:
    static = found("core", hosts=[QUIET], group_expiry=600)["CHO007"]
    configure(settings, "core", "redis://localhost", group_expiry=600)
    async with opened("default") as layer:
        exact = {each.id: each for each in layer.settings_findings()}["CHO007"]

    assert static == exact
    assert static.status is Status.WARN
    assert "600 s" in static.detail


# ---------------------------------------------------------------- CHO010


@pytest.mark.parametrize(
    ("host", "more"),
    [
        ("redis://localhost/1", {}),
        ("redis://localhost?db=1", {"prefix": "asgi"}),
        ({"host": "localhost", "db": 1}, {}),
        ({**QUIET, "address": "unix:///run/redis.sock", "db": 1}, {}),
    ],
)
def test_a_database_number_that_does_not_separate_is_told(host: Any, more: dict[str, Any]) -> None:
    findings = found("pubsub", hosts=[QUIET, host], **more)

    assert bad(findings) == {"CHO010": Status.WARN}
    assert "hosts[1] names database 1" in findings["CHO010"].detail


async def test_other_databases_really_hear_one_another(
    broker: redis.Redis, server: Valkey, settings: Any
) -> None:
    other_url = server.url.replace("db=0", "db=1")
    async with opened(configure(settings, "pubsub", server.url)) as here:
        channel = await here.new_channel()
        await here.group_add("chat_lobby", channel)
        async with opened(configure(settings, "pubsub", other_url)) as other:
            await other.group_send("chat_lobby", {"type": "x"})
            exact = {each.id: each.status for each in other.settings_findings()}
        heard = await here.receive(channel)

    assert heard == {"type": "x"}
    assert exact["CHO010"] is Status.WARN


# ---------------------------------------------------------------- the project

PROJECT = """
import json, sys
from django.conf import settings
given = json.loads(sys.argv[1])
sys.path[:0] = given.pop("path", [])
for name in given.pop("hidden", []):
    sys.modules[name] = None
settings.configure(**given)
import django
django.setup()
from chatops.checks import project_findings
print(json.dumps({each.id: [each.status, each.detail] for each in project_findings()}))
"""
SERVERS = ["uvicorn", "hypercorn", "granian"]
STATIC = "django.contrib.staticfiles"
NOSTATIC = "whitenoise.runserver_nostatic"


def project(*apps: str, **settings: object) -> dict[str, tuple[str, str]]:
    """The findings of a project with such settings, by a process of its own."""
    given = {"INSTALLED_APPS": apps, "STATIC_URL": "static/", **settings}
    done = subprocess.run(
        [sys.executable, "-c", PROJECT, json.dumps(given)],
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, tuple[str, str]] = json.loads(done.stdout)
    return told


ASGI = {"ASGI_APPLICATION": "json.application"}


@pytest.mark.parametrize(
    ("apps", "more", "status"),
    [
        (["daphne", STATIC], {}, "ok"),
        (["daphne.apps.DaphneConfig", STATIC], {}, "ok"),
        ([NOSTATIC, "daphne", STATIC], {}, "ok"),
        ([STATIC, "daphne"], {}, "fail"),
        ([NOSTATIC, STATIC, "daphne"], {}, "fail"),
        ([STATIC], {"DEBUG": True}, "ok"),  # uvicorn is installed
        ([STATIC], {"DEBUG": True, "hidden": SERVERS}, "warn"),
        ([STATIC], {"DEBUG": False, "hidden": SERVERS}, "n/a"),
        ([], {"hidden": SERVERS}, "n/a"),  # no project at all
    ],
)
def test_the_runserver_that_runs_is_judged(
    apps: list[str], more: dict[str, Any], status: str
) -> None:
    told = project(*apps, **ASGI, **more)

    assert told["CHO008"][0] == status


@pytest.mark.parametrize(
    ("apps", "more", "status"),
    [
        (["daphne"], {"ASGI_APPLICATION": "json.application"}, "ok"),
        (["daphne"], {}, "fail"),
        (["daphne"], {"ASGI_APPLICATION": "json"}, "fail"),
        (["daphne"], {"ASGI_APPLICATION": "json.asgi:application"}, "fail"),
        (["daphne"], {"ASGI_APPLICATION": "mysiet.asgi.application"}, "fail"),
        ([STATIC], {}, "n/a"),
        ([STATIC], {"ASGI_APPLICATION": "json"}, "warn"),
        ([STATIC], {"ASGI_APPLICATION": "json.application"}, "ok"),
        ([], {}, "n/a"),
        ([], {"ASGI_APPLICATION": "json"}, "n/a"),  # no project at all
    ],
)
def test_the_path_of_the_application_is_judged(
    apps: list[str], more: dict[str, Any], status: str
) -> None:
    told = project(*apps, **more)

    assert told["CHO009"][0] == status


def test_a_wrong_chatops_setting_is_named(settings: Any) -> None:
    fine = found("pubsub")["CHO011"].status
    settings.CHATOPS = {"ROOM_GRUOP": "x"}
    wrong = found("pubsub")["CHO011"]

    assert (fine, wrong.status) == (Status.OK, Status.FAIL)
    assert "ROOM_GRUOP" in wrong.detail


# ---------------------------------------------------------------- silencing


def test_what_a_project_has_silenced_is_not_told(settings: Any) -> None:
    settings.SILENCED_SYSTEM_CHECKS = [f"chatops.{each}" for each in IDS]
    broken = found("core", "OPTIONS", hosts=[{**QUIET, "socket_timeout": 1}])
    first = settings_findings("default", [], None)[0]

    told = silenced([*broken.values(), first])

    assert [each.status for each in told if each.id in {"CHO002", "CHO005"}] == [Status.NONE] * 2
    assert told[-1] == first
    assert {each.id: each.status for each in told[:-1]}["CHO007"] is Status.OK


def test_only_settings_can_be_silenced(settings: Any) -> None:
    settings.SILENCED_SYSTEM_CHECKS = ["chatops.CHO101"]
    lost = Finding(id="CHO101", name="x", status=Status.FAIL, detail="lost")

    assert silenced([lost]) == [lost]


def test_the_fix_for_hidden_drops_is_a_logging_configuration() -> None:
    pasted: dict[str, Any] = {}
    exec(LOGGED.fix, pasted)  # noqa: S102 - it is meant to be pasted

    assert pasted["LOGGING"]["loggers"]["channels_redis.core"]["level"] == "INFO"


def test_a_runserver_that_cannot_be_loaded_is_unknown(tmp_path: Path) -> None:
    commands = tmp_path / "broken_app/management/commands"
    commands.mkdir(parents=True)
    for folder in (commands.parent.parent, commands.parent, commands):
        (folder / "__init__.py").touch()
    (commands / "runserver.py").write_text("import nowhere_to_be_found\n")

    told = project("broken_app", "daphne", path=[str(tmp_path)], **ASGI)

    assert told["CHO008"][0] == "unknown"
    assert "nowhere_to_be_found" in told["CHO008"][1]
