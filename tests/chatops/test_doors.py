"""What the management commands hand over: argv, but for Django's own options, and names."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from servers import short_folder
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator

DJANGO = ["--traceback", "-v", "2", "--verbosity=1", "--pythonpath", ".", "--skip-checks"]
MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture(scope="module")
def project() -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "memory", "")


@pytest.mark.parametrize(
    "words", [["layer_check", "--only", "CHO001"], ["chatops", "explain", "CHO001"]]
)
def test_the_options_of_every_management_command_are_taken(
    project: Tutorial, words: list[str]
) -> None:
    command = ["manage.py", *words, *DJANGO, "--force-color", "--settings", "mysite.settings"]
    done = project.run("python", *command)

    assert (done.returncode, done.stderr) == (0, "")
    assert "CHO001" in done.stdout


def test_what_follows_two_dashes_is_no_option(project: Tutorial) -> None:
    done = project.run("python", "manage.py", "chatops", "explain", "--", "--traceback")

    assert done.returncode == 2
    assert "'--traceback' is not the id of a finding" in done.stderr


def called(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.mark.parametrize("words", [["layer_check"], ["chatops", "check"]])
def test_call_command_takes_every_option_by_its_name(settings: Any, words: list[str]) -> None:
    settings.CHANNEL_LAYERS = MEMORY
    named = {"only": ["CHO001", "CHO101"], "format": "json", "samples": 3, "rtt_warn": "20s"}
    text = called(*words, **named, rtt_crit=30, strict=True, skip=None, deep=False, verbosity=2)

    check = json.loads(text)
    assert [each["id"] for each in check["findings"]] == ["CHO001", "CHO101"]
    assert check["strict"] is True
    assert check["limits"]["rtt_crit_ms"] == 30_000


def test_call_command_refuses_a_name_that_no_verb_has() -> None:
    with pytest.raises(TypeError, match="onyl"):
        called("layer_check", onyl="CHO001")


def test_call_command_says_which_verb_has_no_such_option() -> None:
    with pytest.raises(CommandError) as caught:
        called("chatops", "explain", samples=3)

    assert caught.value.returncode == 2


@pytest.mark.parametrize("words", [["chatops"], ["layer_check"], ["chatops", "tail"]])
def test_help_goes_where_call_command_says(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = called(*words, "--help")

    assert text.startswith("Usage: manage.py chatops")
    assert capsys.readouterr() == ("", "")


def test_help_says_what_an_option_takes() -> None:
    text = called("layer_check", "--help")

    assert "--wait DURATION" in text
    assert "--loss-crit PERCENT" in text
    assert "float" not in text
