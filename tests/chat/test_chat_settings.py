"""Settings from the environment, each tried in a process of its own."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import servers

if TYPE_CHECKING:
    from pathlib import Path

KEY = "k" * 60 + "0123456789abcdef"
OURS = {
    "SECRET_KEY",
    "DEBUG",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "CHANNEL_LAYER",
    "HTTPS",
    "TRUST_PROXY",
}


def manage(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=servers.ROOT,
        env=kept | {"CHAT_RUN_DIR": str(folder / "run"), "REDIS_URL": "redis://localhost"} | env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def setting(folder: Path, name: str, **env: str) -> str:
    code = f"from django.conf import settings; print(settings.{name})"
    done = manage(folder, "shell", "--no-imports", "-v0", "-c", code, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_production_passes_djangos_own_checks(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="a.example",
    )

    assert done.returncode == 0, done.stderr


def test_a_key_turns_debug_off_and_none_turns_it_on(tmp_path: Path) -> None:
    found = [setting(tmp_path, "DEBUG"), setting(tmp_path, "DEBUG", SECRET_KEY=KEY)]

    assert found == ["True", "False"]


def test_processes_that_start_at_once_make_one_key_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: setting(tmp_path, "SECRET_KEY"), range(4)))

    (key,) = keys
    (path,) = (tmp_path / "run").iterdir()
    assert path.read_text() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(key) >= 50


@pytest.mark.parametrize(
    ("name", "env", "value"),
    [
        ("SECURE_PROXY_SSL_HEADER", {}, "None"),
        (
            "SECURE_PROXY_SSL_HEADER",
            {"TRUST_PROXY": "1"},
            "('HTTP_X_FORWARDED_PROTO', 'https')",
        ),
        # redis-py 8 would speak RESP3, for which the layers were not written.
        ("CHANNEL_LAYERS['default']['CONFIG']['hosts'][0]['protocol']", {}, "2"),
    ],
)
def test_a_setting_is_what_the_environment_makes_it(
    tmp_path: Path, name: str, env: dict[str, str], value: str
) -> None:
    assert setting(tmp_path, name, **env) == value


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"DEBUG": "0"}, "SECRET_KEY must be set"),
        ({"DEBUG": "perhaps"}, "DEBUG must be 1 or 0"),
        ({"CHANNEL_LAYER": "rabbit"}, "CHANNEL_LAYER must be pubsub or core"),
        ({"REDIS_URL": "http://:secret@x"}, "REDIS_URL must begin with redis://"),
        ({"DATABASE_URL": "mysqql://u:secret@x/y"}, "DATABASE_URL is no database URL"),
        ({"CSRF_TRUSTED_ORIGINS": "chat.example"}, "https://chat.example"),
        ({"HSTS_SECONDS": "a year"}, "HSTS_SECONDS must be a whole number"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    tmp_path: Path, env: dict[str, str], words: str
) -> None:
    done = manage(tmp_path, "check", **env)

    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert words in last
    assert "secret@" not in last


def test_sqlite_waits_for_its_turn_and_does_not_block_readers(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/db.sqlite3"
    code = (
        "from django.db import connection as c; k = c.cursor();"
        "print(*[k.execute(f'PRAGMA {p}').fetchone()[0] for p in ('journal_mode', 'busy_timeout')],"
        "c.settings_dict['OPTIONS']['transaction_mode'])"
    )

    done = manage(tmp_path, "shell", "--no-imports", "-v0", "-c", code, DATABASE_URL=url)

    assert done.stdout.split() == ["wal", "10000", "IMMEDIATE"]
