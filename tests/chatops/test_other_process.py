"""The findings that need another process, and what becomes of it: real processes and projects."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from processes import wait_until

from chatops.model.source import LayerSource
from chatops.model.wanted import Wanted
from chatops.operations.check import check
from chatops.operations.twin import twin

if TYPE_CHECKING:
    import subprocess

    import redis
    from servers import Valkey
    from tutorial import Tutorial

    from chatops.layers.base import LayerAdapter

TWINS = "CHO106,CHO111"

GUEST = """
import sys
GUEST = any(each.endswith(("guest", "guest.py")) for each in sys.orig_argv)
"""

PREFIX = """
import uuid
CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = uuid.uuid4().hex
"""

KEY = """
import uuid
CHANNEL_LAYERS["default"]["CONFIG"]["symmetric_encryption_keys"] = [uuid.uuid4().hex]
"""

LEAVING = f"""
{GUEST}
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer


def deaf_to_second(base):
    class Layer(base):
        joined = ()

        async def group_add(self, group, channel):
            if GUEST and group in self.joined:
                return
            self.joined = (*self.joined, group)
            if base is RedisChannelLayer:
                await super().group_add(group, channel)
            else:
                await self._get_layer().group_add(group, channel)

    return Layer


Core = deaf_to_second(RedisChannelLayer)
PubSub = deaf_to_second(RedisPubSubChannelLayer)
"""


def checked(tutorial: Tutorial, *options: str) -> dict[str, Any]:
    done = tutorial.chatops("check", "--json", "--only", TWINS, *options)
    assert done.stderr == ""
    [found] = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["id"]: each for each in found["findings"]}


def configured(tutorial: Tutorial, text: str) -> None:
    with (tutorial.folder / "mysite/settings.py").open("a") as settings:
        settings.write(text)


def guests(parent: int) -> list[int]:
    """The other processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task/{parent}/children")
    children = [int(each) for each in tasks.read_text().split()] if tasks.exists() else []
    lines = {each: Path(f"/proc/{each}/cmdline") for each in children}
    return [each for each, line in lines.items() if b"guest" in line.read_bytes()]


def gone(pid: int) -> bool:
    place = Path(f"/proc/{pid}/status")
    return not place.exists() or "State:\tZ" in place.read_text()


# ---------------------------------------------------------------- findings


def test_another_process_that_hears_us_is_quiet(tutorial: Tutorial) -> None:
    found = checked(tutorial)

    assert {each["status"] for each in found.values()} == {"ok"}
    assert found["CHO111"]["detail"] == "2 of 2 here, 2 of 2 in another process got it, once each"


@pytest.mark.parametrize(("text", "option"), [(PREFIX, "prefix"), (KEY, "symmetric")])
def test_settings_that_each_process_makes_up_are_named(
    tutorial: Tutorial, text: str, option: str
) -> None:
    configured(tutorial, text)

    found = checked(tutorial)

    assert found["CHO106"]["status"] == "fail"
    assert f"CONFIG['{option}" in found["CHO106"]["detail"]
    assert "differ from process to process" in found["CHO106"]["detail"]
    assert "one value that is the same in every process" in found["CHO106"]["fix"]
    assert found["CHO111"]["status"] == "unknown"


@pytest.mark.parametrize("kind", ["memory"])
def test_a_layer_that_ends_at_its_process_fails(tutorial: Tutorial) -> None:
    found = checked(tutorial)

    assert found["CHO106"]["status"] == "fail"
    assert "what one process sends, another does not get" in found["CHO106"]["detail"]


def test_members_in_another_process_that_miss_a_message_fail(tutorial: Tutorial) -> None:
    (tutorial.folder / "mysite/layers.py").write_text(LEAVING)
    name = "Core" if tutorial.env["LAYER_KIND"] == "core" else "PubSub"
    configured(tutorial, f'CHANNEL_LAYERS["default"]["BACKEND"] = "mysite.layers.{name}"\n')

    found = checked(tutorial)

    assert found["CHO106"]["status"] == "ok"
    assert (found["CHO111"]["status"], found["CHO111"]["detail"]) == (
        "fail",
        "2 of 2 here, 1 of 2 in another process got it exactly once",
    )


def test_a_project_that_another_process_cannot_import_is_told(tutorial: Tutorial) -> None:
    configured(tutorial, f'{GUEST}\nif GUEST:\n    raise OSError("not here")\n')

    found = checked(tutorial)

    assert found["CHO106"]["status"] == "fail"
    assert "could not use the layer" in found["CHO106"]["detail"]
    assert "not here" in found["CHO106"]["detail"]


def test_a_project_that_ends_another_process_is_told(tutorial: Tutorial) -> None:
    configured(tutorial, f"{GUEST}\nif GUEST:\n    import os\n    os._exit(3)\n")

    assert "it ended without a word" in checked(tutorial)["CHO106"]["detail"]


def test_what_a_project_prints_is_not_taken_for_an_answer(tutorial: Tutorial) -> None:
    configured(tutorial, f'{GUEST}\nif GUEST:\n    print("loaded!")\n')

    assert checked(tutorial)["CHO106"]["status"] == "ok"


async def test_settings_that_no_module_holds_are_unknown(layer: LayerAdapter) -> None:
    wanted = Wanted(only=frozenset(TWINS.split(",")))

    done = await check(layer, LayerSource(), wanted)

    assert {each.status for each in done.findings} == {"unknown"}
    assert "no module holds these settings" in done.findings[0].detail


# ---------------------------------------------------------------- every way out


def deep(tutorial: Tutorial, broker: redis.Redis) -> subprocess.Popen[str]:
    """A check that is in the middle of what takes seconds."""
    running = tutorial.background("check", "--deep", "--json", "--only", f"CHO121,{TWINS}")

    def waits() -> bool:
        blocked: Any = broker.info("clients")
        return bool(blocked["blocked_clients"] or broker.pubsub_channels("*"))

    wait_until(lambda: running.poll() is not None or waits(), "the probe waits")
    assert running.poll() is None
    return running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_check_leaves_nothing(
    tutorial: Tutorial, broker: redis.Redis, number: signal.Signals
) -> None:
    running = deep(tutorial, broker)
    others = guests(running.pid)

    running.send_signal(number)
    running.communicate(timeout=60)

    assert running.returncode == 130
    assert len(others) == 1
    assert all(map(gone, others))
    assert broker.keys("*") == []
    assert broker.pubsub_channels("*") == []


def test_another_process_ends_when_we_are_killed(tutorial: Tutorial, server: Valkey) -> None:
    server.freeze()
    running = tutorial.background("check", "--timeout", "60s")
    try:
        wait_until(lambda: guests(running.pid), "another process")
        [other] = guests(running.pid)

        os.kill(running.pid, signal.SIGKILL)
        running.communicate(timeout=60)

        wait_until(lambda: gone(other), "its end")
    finally:
        server.thaw()


@pytest.mark.parametrize("rule", ["CHO101", "CHO204"])
def test_no_other_process_is_started_where_nothing_needs_one(rule: str) -> None:
    with twin(LayerSource(settings="nowhere.settings"), Wanted(only=frozenset({rule}))) as other:
        assert other is None
