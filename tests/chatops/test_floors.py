"""The house: who may import whom, and what is loaded when."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from processes import ROOT

BREAKS = {
    "site": ("chat/apps.py", "import chatops.errors"),
    "chat": ("chat/protocol/rooms.py", "import chat.live.hub"),
    "floors": ("chatops/model/result.py", "import chatops.cli.session"),
    "typer": ("chatops/rendering/views.py", "import typer"),
    "rich": ("chatops/cli/rooms.py", "import rich.text"),
    "redis": ("chatops/operations/rooms.py", "import redis"),
    "channels": ("chatops/operations/tail.py", "import channels.layers"),
    "websockets": ("chatops/operations/rooms.py", "import websockets"),
    "health": ("chatops/operations/rooms.py", "import health_check.base"),
    "jmespath": ("chatops/operations/rooms.py", "import jmespath"),
    "pytest": ("chatops/operations/rooms.py", "import pytest"),
    "django": ("chatops/rendering/screen.py", "from django.conf import settings"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for package in ("chatops", "chat", "chatsite"):
        ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_has_a_test_that_breaks_it() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]

    assert sorted(each["id"] for each in contracts["contracts"]) == sorted(BREAKS)


@pytest.mark.parametrize("contract", BREAKS)
def test_a_contract_says_so_when_it_is_broken(house: Path, contract: str) -> None:
    place, line = BREAKS[contract]
    contracts = tomllib.loads((house / "pyproject.toml").read_text())["tool"]["importlinter"]
    [name] = [each["name"] for each in contracts["contracts"] if each["id"] == contract]
    before = lint(house)
    with (house / place).open("a") as file:
        file.write(f"\n{line}\n")

    after = lint(house)

    assert before.returncode == 0, before.stdout
    assert after.returncode == 1
    assert f"{name} BROKEN" in after.stdout


def test_a_new_module_without_a_floor_is_refused(house: Path) -> None:
    (house / "chatops" / "helpers.py").write_text('"""Nobody knows what for."""\n')

    assert "helpers" in lint(house).stdout


def loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_operations_and_layers_load_neither_typer_nor_rich() -> None:
    modules = loaded(
        "import chatops.operations.broadcast, chatops.operations.check, chatops.operations.tail\n"
        "import chatops.operations.rooms, chatops.layers.core, chatops.layers.pubsub"
    )

    assert "chatops" in modules
    assert not modules & {"typer", "rich", "click"}


def test_recordings_are_read_and_written_without_a_project_or_a_server() -> None:
    modules = loaded("import chatops.recording.reading, chatops.recording.recorder")

    assert "chatops" in modules
    assert not modules & {"django", "channels", "redis", "msgpack", "typer", "rich", "asyncio"}


def test_help_loads_neither_django_nor_redis_nor_rich() -> None:
    modules = loaded(
        "from chatops.cli.app import run\n"
        "assert run(['broadcast', '--help']) == 0 and run(['--help']) == 0"
    )

    assert "typer" in modules
    assert not modules & {
        *("django", "channels", "channels_redis", "redis", "msgpack", "rich", "asyncio", "ssl"),
    }
