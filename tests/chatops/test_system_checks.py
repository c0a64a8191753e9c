"""`manage.py check` in a stranger's project: what Django says of our findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from servers import short_folder
from tutorial import Tutorial

from chatops.model.rules.settings import LOGGED

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

NOWHERE = "redis://127.0.0.1:1/0"
"""Nobody listens there: system checks never look."""


@pytest.fixture
def tutorial(kind: str) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, kind, NOWHERE)


def with_settings(tutorial: Tutorial, *lines: str) -> None:
    with (tutorial.folder / "mysite/settings.py").open("a") as file:
        file.write("\n".join(("", *lines, "")))


def check(tutorial: Tutorial, *options: str) -> subprocess.CompletedProcess[str]:
    return tutorial.run("python", "manage.py", "check", *options)


def ours(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The ids of ours that were said, each as often as it was."""
    words = (done.stdout + done.stderr).replace("(", " ").replace(")", " ").split()
    return [word.removeprefix("chatops.") for word in words if word.startswith("chatops.CHO")]


only = pytest.mark.parametrize


def test_a_healthy_project_is_quiet(tutorial: Tutorial) -> None:
    done = check(tutorial)

    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    )


@only("kind", ["core"])
def test_a_failure_is_an_error_that_ends_the_command_and_can_be_silenced(
    tutorial: Tutorial,
) -> None:
    with_settings(tutorial, 'CHANNEL_LAYERS["default"]["CONFIG"]["hosts"] = "redis://localhost"')
    failed = check(tutorial)
    with_settings(tutorial, 'SILENCED_SYSTEM_CHECKS = ["chatops.CHO001"]')
    silenced = check(tutorial)

    assert failed.returncode == 1
    assert "CHANNEL_LAYERS['default']: (chatops.CHO001) hosts[0] must be a list" in failed.stderr
    assert "HINT: Correct CHANNEL_LAYERS['default']." in failed.stderr
    assert silenced.returncode == 0
    assert "(1 silenced)" in silenced.stdout


@only("kind", ["core"])
def test_every_layer_is_looked_at_and_the_project_once(tutorial: Tutorial) -> None:
    with_settings(
        tutorial,
        'CHANNEL_LAYERS["other"] = {**CHANNEL_LAYERS["default"], "OPTIONS": {}}',
        'CHANNEL_LAYERS["third"] = {"BACKEND": BACKENDS["pubsub"], "CONFIG": {"capacity": 9}}',
        'CHANNEL_LAYERS["broken"] = None',
        'CHATOPS = {"ROOM_GRUOP": "x"}',
    )

    done = check(tutorial)

    assert sorted(ours(done)) == ["CHO001", "CHO005", "CHO005", "CHO011"]
    assert "CHANNEL_LAYERS['broken']: (chatops.CHO001)" in done.stderr
    assert "?: (chatops.CHO011)" in done.stderr


@only("kind", ["memory"])
@only(
    ("line", "said"),
    [
        ("CHANNEL_LAYERS = []", ["CHO001"]),
        ("CHANNEL_LAYERS = {}", ["CHO001"]),
        ("del CHANNEL_LAYERS", ["CHO001"]),
        ("CHATOPS = 3", ["CHO011"]),
        (
            'CHANNEL_LAYERS["default"]["BACKEND"] = "channels_redis.cor.RedisChannelLayer"',
            ["CHO001"],
        ),
        (
            'CHANNEL_LAYERS["default"]["BACKEND"] = "channels_redis.core.RedisPubSubChannelLayer"',
            ["CHO001"],
        ),
        ('INSTALLED_APPS.append("daphne")', []),  # daphne.E001 tells it
        ('INSTALLED_APPS.insert(0, "daphne"); del ASGI_APPLICATION', ["CHO009"]),
        ('import sys; sys.modules["uvicorn"] = None', ["CHO008"]),
        ('import sys; sys.modules["uvicorn"] = None; DEBUG = False', []),
    ],
)
def test_nonsense_is_told_and_never_raises(tutorial: Tutorial, line: str, said: list[str]) -> None:
    with_settings(tutorial, line)

    done = check(tutorial)

    assert ours(done) == said
    assert "Traceback" not in done.stderr
    assert ("daphne.E001" in done.stderr) == ("append" in line)


@only(("kind", "said"), [("memory", ["CHO003"]), ("core", ["CHO006"]), ("pubsub", [])])
def test_what_matters_in_production_is_told_on_deploy_alone(
    tutorial: Tutorial, said: list[str]
) -> None:
    assert ours(check(tutorial)) == []
    assert ours(check(tutorial, "--deploy", "--tag", "chatops")) == said


@only("kind", ["core"])
@only("before", ["", 'LOGGING = {"version": 1}'])
def test_the_fix_for_hidden_drops_can_be_pasted(tutorial: Tutorial, before: str) -> None:
    with_settings(tutorial, before)
    warned = check(tutorial, "--deploy", "--tag", "chatops")
    [hint] = [line for line in warned.stderr.splitlines() if "HINT: " in line]
    with_settings(tutorial, hint.partition("HINT: ")[2])

    fixed = check(tutorial, "--deploy", "--tag", "chatops")

    assert ours(warned) == [LOGGED.id]
    assert (ours(fixed), fixed.returncode) == ([], 0)


def test_no_library_is_loaded_for_it(tutorial: Tutorial) -> None:
    (tutorial.folder / "loaded.py").write_text(
        "import sys\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(['manage.py', 'check', '--deploy'])\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )

    done = tutorial.run("python", "loaded.py", env={"DJANGO_SETTINGS_MODULE": "mysite.settings"})

    loaded = set(done.stdout.splitlines()[-1].split())
    assert "chatops" in loaded
    assert not loaded & {"redis", "channels", "channels_redis", "msgpack", "typer", "rich"}


@only("kind", ["memory"])
def test_starting_django_loads_none_of_the_checks(tutorial: Tutorial) -> None:
    (tutorial.folder / "started.py").write_text(
        "import django, sys\ndjango.setup()\n"
        "print(*[name for name in sys.modules if name.startswith('chatops')])\n"
    )

    done = tutorial.run("python", "started.py", env={"DJANGO_SETTINGS_MODULE": "mysite.settings"})

    assert done.stdout.split() == ["chatops", "chatops.apps"]


@only("kind", ["memory"])
def test_the_command_line_heeds_what_is_silenced(tutorial: Tutorial) -> None:
    with_settings(tutorial, 'SILENCED_SYSTEM_CHECKS = ["chatops.CHO003"]')

    done = tutorial.chatops("check", "--json")

    [said] = [json.loads(line) for line in done.stdout.splitlines()]
    [row] = [each for each in said["findings"] if each["id"] == "CHO003"]
    assert (row["status"], row["detail"]) == ("n/a", "silenced by SILENCED_SYSTEM_CHECKS")
