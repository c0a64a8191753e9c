"""What is told of a finding: on the command line, and in docs/findings.md."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from processes import ROOT
from test_floors import loaded

from chatops.errors import BadValue
from chatops.model.rules import GROUPS, RULES, group_of
from chatops.model.rules.choose import ids


def explain(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it where there is no project."""
    command = [sys.executable, "-m", "chatops", "explain", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_finding_is_explained_without_a_project(tmp_path: Path) -> None:
    done = explain(tmp_path, "cho002", "CHO004")

    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall("^CHO00.", done.stdout, re.MULTILINE) == ["CHO002", "CHO004"]
    for each in (RULES["CHO002"], RULES["CHO004"]):
        assert all(text in done.stdout for text in (each.name, each.means, each.found, each.fix))
        assert each.upstream
        assert all(address in done.stdout for address in each.upstream)


def test_an_explanation_for_programs_has_every_field(tmp_path: Path) -> None:
    done = explain(tmp_path, "CHO002", "--json")

    rule = RULES["CHO002"]
    assert json.loads(done.stdout) == {
        "kind": "rule",
        "id": "CHO002",
        "name": rule.name,
        "means": rule.means,
        "found": rule.found,
        "fix": rule.fix,
        "upstream": list(rule.upstream),
    }


def test_explain_has_help_with_examples(tmp_path: Path) -> None:
    done = explain(tmp_path, "--help")

    assert "Examples:\n    chatops explain CHO101" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--help"], ["CHO001"]])
def test_a_full_disk_is_one_line(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "chatops", "explain", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "The output cannot be written: [Errno 28]" in done.stderr


@pytest.mark.parametrize("arguments", [["BOGUS"], ["--bogus"], ["--bogus", "--json"]])
def test_where_nobody_can_be_told_the_exit_code_tells(tmp_path: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "chatops", "explain", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=full, check=False
        )

    assert (done.returncode, done.stdout) == (2, b"")


def test_without_an_id_all_findings_are_listed(tmp_path: Path) -> None:
    done = explain(tmp_path)

    assert done.stdout.splitlines() == [f"{rule.id}  {rule.name}" for rule in RULES.values()]


def test_an_unknown_id_is_one_line_that_names_the_nearest(tmp_path: Path) -> None:
    done = explain(tmp_path, "CHO10")

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "'CHO10'" in done.stderr
    assert re.search(r"Nearest: CHO10\d", done.stderr)


def test_explain_loads_neither_django_nor_redis_nor_an_event_loop() -> None:
    modules = loaded(
        "from chatops.cli.app import run\nassert run(['explain', 'CHO001', '--json']) == 0"
    )

    assert "typer" in modules
    assert not modules & {"django", "channels", "channels_redis", "redis", "rich", "asyncio"}


def test_the_document_of_findings_is_what_the_rules_say() -> None:
    document = runpy.run_path(str(ROOT / "scripts/findings.py"))["document"]

    assert (ROOT / "docs/findings.md").read_text("utf-8") == document(), "run `make docs`"


def test_every_link_of_the_document_leads_to_a_finding() -> None:
    text = (ROOT / "docs/findings.md").read_text("utf-8")
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^### (.*)$", text, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == headings


def test_every_rule_says_all_there_is_to_say() -> None:
    for each in RULES.values():
        assert re.fullmatch(r"CHO\d{3}", each.id)
        assert 1 <= len(each.name.split()) <= 4, each.id
        assert all(text.endswith((".", "`", '"')) for text in (each.means, each.found)), each.id
        assert each.fix
        assert all(url.startswith("https://github.com/") for url in each.upstream), each.id


def test_an_id_is_given_once() -> None:
    texts = "".join(file.read_text() for file in (ROOT / "chatops/model/rules").glob("*.py"))

    assert sorted(re.findall(r"id=\"(CHO\d{3})\"", texts)) == sorted(RULES)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_all_findings_of_its_hundred(group: str) -> None:
    hundred = GROUPS.index(group)

    assert ids([group]) == ids([f"cho{hundred}xx"]) == {e for e in RULES if group_of(e) == group}


def test_words_and_lists_add_up() -> None:
    assert ids(["CHO001, cho101", "CHO102"]) == {"CHO001", "CHO101", "CHO102"}


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("CHO1011", "CHO1"), ("brokers", "broker"), ("CHO9xx", "CHO"), ("", ""), ("setings", "set")],
)
def test_a_word_that_means_nothing_is_refused_and_the_nearest_named(
    word: str, nearest: str
) -> None:
    with pytest.raises(BadValue, match=f"{word!r}.*Nearest: {nearest}"):
        ids([word])
