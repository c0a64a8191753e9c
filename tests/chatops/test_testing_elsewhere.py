"""The conformance suite in the hands of others: docs/testing.md, run with nothing but pytest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from processes import ROOT
from servers import short_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = dict(
    re.findall(
        r"`(\w+\.py)`\n\n```python\n(.*?)```", (ROOT / "docs/testing.md").read_text(), re.DOTALL
    )
)
SETTINGS = """
from pathlib import Path

SECRET_KEY = "of a test"
INSTALLED_APPS = ["channels_lite"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).with_name("channels.sqlite3"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
    }
}
"""
IN_MEMORY = """
import pytest
from chatops.testing import LayerContract

class TestLayer(LayerContract):
    shared = False
    expected = {%r: "of old"}

    @pytest.fixture
    def entry(self):
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
"""
PLUGINS = (
    "django",
    "asyncio",
    "randomly",
    "valkey",
    "xdist",
    "timeout",
    "anyio",
    "hypothesispytest",
)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "settings"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def by_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    without = [part for plugin in PLUGINS for part in ("-p", f"no:{plugin}")]
    config = ["-c", os.devnull, "--rootdir", str(folder), "-W", "error"]
    return run(folder, "pytest", "-q", *without, *config, *arguments)


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as place:
        yield place


@pytest.mark.parametrize("name", ["test_layer.py", "test_adapter.py"])
def test_a_third_party_runs_what_the_docs_show(folder: Path, name: str) -> None:
    pytest.importorskip("channels_lite")
    for file, text in {**FILES, "settings.py": SETTINGS}.items():
        (folder / file).write_text(text)
    run(folder, "django", "migrate", "--verbosity", "0").check_returncode()

    done = by_pytest(folder, name)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d\d passed", done.stdout)


def test_a_fault_that_is_gone_is_told(folder: Path) -> None:
    (folder / "test_gone.py").write_text(IN_MEMORY % "a_message_is_delivered_once")

    done = by_pytest(folder, "-k", "delivered_once")

    assert done.returncode == 1
    assert "[XPASS(strict)] of old" in done.stdout


def test_a_fault_that_no_test_could_find_is_told(folder: Path) -> None:
    (folder / "test_wrong.py").write_text(IN_MEMORY % "a_mesage_is_delivered_once")

    done = by_pytest(folder)

    assert done.returncode == 2
    assert "TestLayer.expected names what is no test: ['a_mesage_is_delivered_once']" in done.stdout
