"""Finding the project from any folder below it."""

from pathlib import Path

import pytest

from chatops.errors import BadValue, ProjectNotFound
from chatops.project.locate import locate

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")\n'


@pytest.fixture(autouse=True)
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three folders below `tmp_path`, with nothing said by the environment or by Django."""
    monkeypatch.setattr("chatops.project.locate._django_runs", lambda: False)
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    return folder


def test_the_nearest_manage_py_upwards_is_read_not_run(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text(f"{MANAGE}raise SystemExit('was run')\n")

    source = locate()

    assert (source.settings, source.path) == ("mysite.settings", str(tmp_path))


def test_pyproject_goes_before_manage_py(tmp_path: Path, below: Path) -> None:
    (below / "manage.py").write_text(MANAGE)
    (tmp_path / "pyproject.toml").write_text('[tool.chatops]\nsettings = "other.settings"\n')

    assert locate().settings == "other.settings"


def test_a_pyproject_that_says_nothing_is_passed_over(tmp_path: Path, below: Path) -> None:
    (below / "pyproject.toml").write_text("[tool.ruff]\n")
    (tmp_path / "pyproject.toml").write_text('[tool.chatops]\nsettings = "other.settings"\n')

    assert locate().settings == "other.settings"


def test_the_environment_goes_before_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manage.py").write_text(MANAGE)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "env.settings")

    source = locate()

    assert (source.settings, source.path) == ("env.settings", str(tmp_path))


def test_the_option_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "env.settings")

    assert locate(settings="option.settings").settings == "option.settings"


def test_nothing_found_says_what_was_tried() -> None:
    with pytest.raises(ProjectNotFound, match=r"DJANGO_SETTINGS_MODULE.*manage\.py"):
        locate()


@pytest.mark.parametrize("text", ["[tool.chatops", "[tool.chatops]\nsettings = 3\n"])
def test_a_broken_pyproject_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    with pytest.raises(BadValue, match=r"pyproject\.toml"):
        locate()


def test_a_url_needs_no_project() -> None:
    source = locate(url="unix:///tmp/s.sock", backend="core", prefix="p")

    assert (source.url, source.backend, source.prefix) == ("unix:///tmp/s.sock", "core", "p")


@pytest.mark.parametrize(
    ("url", "backend"), [("http://localhost", "core"), ("redis://localhost", "rabbit")]
)
def test_a_wrong_url_or_backend_is_refused(url: str, backend: str) -> None:
    with pytest.raises(BadValue):
        locate(url=url, backend=backend)
