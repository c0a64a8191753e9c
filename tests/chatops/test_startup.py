"""What a command loads: whoever waits for one pays for every module that it does not use."""

from __future__ import annotations

import gc
import inspect
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from typer.main import get_command

from chatops.cli.app import app, options
from chatops.cli.verbs import VERBS

if TYPE_CHECKING:
    import redis
    from servers import Valkey

AT_THE_END = """
import atexit, sys
atexit.register(lambda: print("\\n", {said}))
from chatops.__main__ import main
main()
"""

HELP_IS_WITHOUT = {
    *("django", "channels", "channels_redis", "redis", "msgpack", "rich", "pydantic", "asyncio"),
    *("ssl", "sqlite3", "logging", "chatops.cli.session", "chatops.layers", "chatops.project"),
}
BROADCAST_IS_WITHOUT = {
    *("pydantic", "typer.rich_utils", "jmespath", "websockets", "pytest", "hypothesis", "sqlite3"),
    *("chatops.checks", "chatops.recording", "chatops.visit", "chatops.layers.broker"),
    *("chatops.layers.cures", "chatops.layers.groups", "chatops.layers.leftovers"),
    *("chatops.project.application", "chatops.operations.survey"),
}


def ended(said: str, *command: str) -> list[str]:
    """Run a whole command; returns what its process says of itself when it ends."""
    code = AT_THE_END.format(said=said)
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines()[-1].split()


def loaded(*command: str) -> set[str]:
    return set(ended("*sys.modules", *command))


@pytest.mark.parametrize("command", [["--help"], ["--version"], []], ids=" ".join)
def test_help_loads_no_verb_and_nothing_that_one_needs(command: list[str]) -> None:
    modules = loaded(*command)

    assert "typer" in modules
    assert modules & (HELP_IS_WITHOUT | {f"chatops.cli.{verb}" for verb in VERBS}) == set()


def test_a_verbs_help_loads_that_verb_alone() -> None:
    modules = loaded("broadcast", "--help")

    assert {verb for verb in VERBS if f"chatops.cli.{verb}" in modules} == {"broadcast"}
    assert modules & (HELP_IS_WITHOUT - {"logging"}) == set()


def test_a_broadcast_loads_what_it_uses(server: Valkey, broker: redis.Redis, kind: str) -> None:
    say = ["broadcast", "lobby", "hi", "--type", "chat.system"]
    modules = loaded(*say, "--url", server.url, "--backend", kind, "--same-codec")

    assert f"chatops.layers.{kind}" in modules
    assert modules & (BROADCAST_IS_WITHOUT | {"rich", "django.db"}) == set()


def test_options_with_units_are_read_without_the_library_that_typer_has_for_it(
    server: Valkey, broker: redis.Redis
) -> None:
    units = ["--rtt-warn", "1s", "--rtt-crit", "2m", "--loss-crit", "5%"]
    modules = loaded("check", "--url", server.url, "--only", "CHO101", *units)

    assert "chatops.operations.live" in modules
    assert "pydantic" not in modules


def test_the_collector_rests_only_until_a_command_works(
    server: Valkey, broker: redis.Redis
) -> None:
    said = "__import__('gc').isenabled(), __import__('gc').get_freeze_count() > 0"

    assert ended(said, "rooms", "--url", server.url, "--json") == ["True", "True"]


def test_a_server_keeps_its_collector(capsys: pytest.CaptureFixture[str]) -> None:
    before = gc.isenabled(), gc.get_freeze_count()
    call_command("chatops", "explain", "CHO001")

    assert gc.isenabled() == before[0]
    assert gc.get_freeze_count() <= before[1]  # what was frozen at the start may go
    assert "CHO001" in capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_help_says_of_a_verb_what_that_says_of_itself(verb: str) -> None:
    command: Any = get_command(app)

    assert VERBS[verb] == inspect.cleandoc(command.commands[verb].help).partition("\n")[0]


def test_the_options_of_every_verb_are_known_by_name() -> None:
    known = options()

    assert {"layer", "websocket", "group", "yes"} <= known.keys()
