"""What machines read of a check: Nagios, Prometheus, JUnit and files; and what may be asked."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families
from servers import short_folder, valkey
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Valkey

LIVE = ["--only", "CHO001,CHO101,CHO102"]
NOBODY = ["--url", "redis://ann:secret@127.0.0.1:1/0"]
PERFDATA = re.compile(r"[\w.-]+=-?[\d.]+(ms|s|%|B|KB|MB|GB)?(;[\d.]*){0,4}")


@pytest.fixture(scope="module")
def tutorial() -> Iterator[Tutorial]:
    """A project that no test changes, on a healthy server."""
    with valkey() as server, short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


@pytest.fixture
def changing() -> Iterator[Tutorial]:
    """A project that the test may change."""
    with valkey() as server, short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Read it as Prometheus' own library does; samples of a name must stand together."""
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    assert all(family.type == "gauge" and family.documentation for family in families)
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in families
    }


# ---------------------------------------------------------------- nagios


def nagios(tutorial: Tutorial, *arguments: str) -> tuple[int, str, list[str]]:
    """Run the plug-in; returns its code, its text, and its figures."""
    done = tutorial.chatops("check", "--format", "nagios", *arguments)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    text, _, figures = done.stdout.strip().partition(" | ")
    assert "|" not in text + figures
    assert all(PERFDATA.fullmatch(each) for each in figures.split())
    return done.returncode, text, figures.split()


def test_nagios_gets_one_line_with_figures(tutorial: Tutorial) -> None:
    code, text, figures = nagios(tutorial, *LIVE, "--rtt-warn", "20s", "--rtt-crit", "30s")

    assert (code, text) == (0, "CHATOPS OK - layer default: 3 ok")
    assert re.fullmatch(r"rtt_p50=[\d.]+ms;20000;30000;0", figures[0])
    assert re.fullmatch(r"rtt_p99=[\d.]+ms;;;0", figures[1])
    assert figures[2] == "loss=0%;;0;0;100"


def test_a_slow_layer_is_a_warning_to_nagios(tutorial: Tutorial) -> None:
    code, text, _ = nagios(tutorial, *LIVE, "--rtt-warn", "0.001ms", "--rtt-crit", "60s")

    assert code == 1
    assert text.startswith("CHATOPS WARNING - layer default: CHO101 send and receive warn: ")
    assert text.endswith(", 2 ok")


def test_a_warning_is_critical_where_strictness_is_asked_for(tutorial: Tutorial) -> None:
    arguments = [*LIVE, "--rtt-warn", "0.001ms", "--rtt-crit", "60s"]

    assert nagios(tutorial, *arguments, "--strict")[0] == 2
    assert tutorial.chatops("check", *arguments).returncode == 0
    assert tutorial.chatops("check", *arguments, "--strict").returncode == 1


def test_a_layer_that_is_away_is_critical_to_nagios(tutorial: Tutorial) -> None:
    code, text, figures = nagios(tutorial, *NOBODY)

    assert (code, figures) == (2, [])
    assert text.startswith("CHATOPS CRITICAL - layer default: CHO101 send and receive fail: ")
    assert "secret" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        ["--frobnicate"],
        ["--samples", "none"],
        ["--only", "CHO311"],
        ["--layer", "other"],
        ["--settings", "nowhere.settings"],
        ["--rtt-warn", "2s", "--rtt-crit", "1s"],
        ["--only", "CHO99"],
        ["--output", "/nowhere/at/all"],
        ["--json"],
    ],
)
def test_what_is_typed_wrongly_is_unknown_to_nagios(tutorial: Tutorial, wrong: list[str]) -> None:
    code, text, _ = nagios(tutorial, *wrong)

    assert code == 3
    assert text.startswith("CHATOPS UNKNOWN - ")


def test_a_bar_in_what_is_told_does_not_begin_the_figures(tutorial: Tutorial) -> None:
    code, text, figures = nagios(tutorial, "--only", "CHO101", "--settings", "a|b\nc")

    assert (code, figures) == (3, [])
    assert "a/b\\nc" in text


def test_figures_for_nagios_are_written_out(tutorial: Tutorial) -> None:
    large = ["--only", "CHO101,CHO108", "--rtt-warn", "1h", "--rtt-crit", "2h"]

    _, _, figures = nagios(tutorial, *large)

    assert "CHO108_large_messages=1048576B" in figures
    assert figures[0].endswith("ms;3600000;7200000;0")


@pytest.mark.parametrize("place", ["> /dev/full", "--output /dev/full"])
def test_a_full_disk_is_unknown_to_nagios(tutorial: Tutorial, place: str) -> None:
    command = f"{tutorial.bin}/chatops check --only CHO001 --format nagios {place}"
    done = tutorial.run("/bin/sh", "-c", command)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (3, "", 1)


# ---------------------------------------------------------------- prometheus


def test_prometheus_can_read_all_that_is_written(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--format", "prometheus")

    found = samples(done.stdout)
    assert found["chatops_check_success"] == [({"layer": "default"}, 1.0)]
    assert found["chatops_check_duration_seconds"][0][1] > 0
    assert found["chatops_check_timestamp_seconds"][0][1] > 1.7e9
    statuses = {each["id"]: value for each, value in found["chatops_check_status"]}
    assert statuses["CHO001"] == statuses["CHO101"] == 0
    assert set(statuses.values()) <= {-1.0, 0.0}
    trips = {each["quantile"]: value for each, value in found["chatops_check_rtt_seconds"]}
    assert 0 < trips["0.5"] <= trips["0.99"] < 60
    assert [value for _, value in found["chatops_check_loss_ratio"]] == [0.0]


def test_prometheus_is_told_of_a_layer_that_is_away(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--format", "prometheus", *NOBODY)

    found = samples(done.stdout)
    assert done.returncode == 4
    assert found["chatops_check_success"] == [({"layer": "default"}, 0.0)]
    assert {"CHO101": 2.0, "CHO102": 3.0}.items() <= {
        each["id"]: value for each, value in found["chatops_check_status"]
    }.items()


def test_the_file_for_prometheus_says_so_when_nothing_could_be_checked(
    tutorial: Tutorial, tmp_path: Path
) -> None:
    file = tmp_path / "chatops.prom"

    done = tutorial.chatops(
        "check", "--format", "prometheus", "--output", str(file), "--layer", "other"
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "'other' is not in CHANNEL_LAYERS" in done.stderr
    assert samples(file.read_text())["chatops_check_success"] == [({"layer": "other"}, 0.0)]


@pytest.mark.parametrize(
    ("form", "code", "says"),
    [
        ("prometheus", 2, 'chatops_check_success{layer="default"} 0.0'),
        ("nagios", 3, "CHATOPS UNKNOWN - chatops check: Invalid value for '--samples'"),
        ("junit", 2, "<error message=\"chatops check: Invalid value for '--samples'"),
        ("json", 2, ""),
        ("table", 2, ""),
    ],
)
def test_a_file_does_not_keep_what_is_out_of_date(
    tutorial: Tutorial, tmp_path: Path, form: str, code: int, says: str
) -> None:
    file = tmp_path / "out"
    file.write_text("of the last time")

    asked = ["check", f"--format={form}", "--output", str(file), "--samples", "0"]
    done = tutorial.chatops(*asked)

    assert (done.returncode, done.stdout) == (code, "")
    assert says in file.read_text()
    assert "of the last time" not in file.read_text()


@pytest.mark.parametrize(
    ("value", "said"), [("x", "it is a whole number"), ("0", "it is at least 1")]
)
def test_a_wrong_number_is_told_in_our_words(tutorial: Tutorial, value: str, said: str) -> None:
    done = tutorial.chatops("check", "--samples", value)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '--samples': {said} (see " in done.stderr


def test_what_cannot_be_parsed_is_json_where_that_is_asked_for(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--json", "--samples", "x")

    assert (done.returncode, done.stdout) == (2, "")
    assert "--samples" in json.loads(done.stderr)["error"]


# ---------------------------------------------------------------- junit


def test_junit_has_a_case_for_each_finding(tutorial: Tutorial) -> None:
    asked = ["--only", "live,settings", "--rtt-warn", "0.001ms", "--rtt-crit", "60s"]
    done = tutorial.chatops("check", "--format", "junit", *asked)
    strict = tutorial.chatops("check", "--format", "junit", "--strict", *asked)

    [suite] = ET.fromstring(done.stdout)  # noqa: S314 - our own
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    [slow] = suite.findall("testcase[@name='CHO101 send and receive']/system-out")
    assert (slow.text or "").startswith("warn: 20 of 20 came back")
    [failure] = ET.fromstring(strict.stdout).findall(".//failure")  # noqa: S314
    assert (failure.get("message") or "").startswith("20 of 20 came back")
    assert failure.text


def test_junit_tells_failures_from_what_could_not_be_checked(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--format", "junit", *NOBODY)

    [suite] = ET.fromstring(done.stdout)  # noqa: S314
    assert len(suite.findall("testcase[@name='CHO101 send and receive']/failure")) == 1
    assert len(suite.findall("testcase[@name='CHO102 group fan-out']/error")) == 1
    assert suite.get("errors") == str(len(suite.findall("testcase/error")))


def test_junit_of_a_check_that_could_not_be_made_is_an_error(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--format", "junit", "--layer", "a\x01<b>")

    [error] = ET.fromstring(done.stdout).findall("testsuite/testcase/error")  # noqa: S314
    assert done.returncode == 2
    assert "is not in CHANNEL_LAYERS" in (error.get("message") or "")


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("form", ["table", "json", "nagios", "prometheus", "junit"])
def test_a_file_gets_what_stdout_would(tutorial: Tutorial, tmp_path: Path, form: str) -> None:
    file = tmp_path / "out"
    file.write_text("of the last time")
    file.chmod(0o640)

    done = tutorial.chatops("check", *LIVE, "--format", form, "--output", str(file))

    text = file.read_text()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "of the last time" not in text
    assert "CHO101" in text or text.startswith("CHATOPS OK")
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_one_line_and_exit_2(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--output", "nowhere/out")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--output: there is no folder 'nowhere'.\n"


def test_a_file_on_a_full_disk_is_one_line(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", *LIVE, "--output", "/dev/full")

    assert done.returncode == 1
    assert done.stderr == "'/dev/full' cannot be written: No space left on device\n"


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/stderr"])
def test_a_stream_can_be_named_as_a_file(tutorial: Tutorial, place: str) -> None:
    done = tutorial.chatops("check", *LIVE, "--output", place)

    assert done.returncode == 0
    assert "CHO101" in (done.stdout if place == "/dev/stdout" else done.stderr)


def test_the_time_of_a_visit_is_counted(tutorial: Tutorial) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"ws://127.0.0.1:{mute.getsockname()[1]}/"
        asked = ["--only", "CHO311", "--websocket", url, "--timeout", "300ms"]
        done = tutorial.chatops("check", "--json", *asked)

    [found] = map(json.loads, done.stdout.splitlines())
    assert found["status"] == "fail"
    assert found["seconds"] >= 0.3


# ---------------------------------------------------------------- waiting


class Terminal:
    """A check whose stderr is a terminal, which is where progress is shown."""

    def __init__(self, tutorial: Tutorial, *arguments: str) -> None:
        self._read, write = pty.openpty()
        self.process = subprocess.Popen(
            [str(tutorial.bin / "chatops"), "check", *arguments],
            cwd=tutorial.folder, env=tutorial.env, stdout=subprocess.PIPE, stderr=write, text=True,
        )  # fmt: skip
        os.close(write)

    def said(self) -> str:
        """Read what is said next."""
        return os.read(self._read, 4096).decode()

    def end(self) -> str:
        """Wait for the end; returns what is on stdout."""
        out, _ = self.process.communicate(timeout=60)
        os.close(self._read)
        return out


@pytest.fixture(params=["core", "pubsub"])
def away(request: pytest.FixtureRequest) -> Iterator[tuple[Valkey, Tutorial]]:
    """A server that is not there, and a project that needs it."""
    with valkey() as server, short_folder() as folder:
        server.kill()
        yield server, Tutorial(folder, request.param, server.url)


def test_a_layer_that_is_away_at_first_is_waited_for(away: tuple[Valkey, Tutorial]) -> None:
    server, tutorial = away
    check = Terminal(tutorial, "--wait", "60s", "--json", "--only", "CHO001,live")
    quiet = check.process
    server.start()

    [found] = [json.loads(line) for line in check.end().splitlines()]

    assert (found["status"], quiet.returncode) == ("ok", 0)


def test_what_is_waited_for_is_said_on_a_terminal(away: tuple[Valkey, Tutorial]) -> None:
    server, tutorial = away
    check = Terminal(tutorial, "--wait", "60s", *LIVE)
    said = check.said()
    server.start()
    out = check.end()

    assert "layer default: CHO101 send and receive: " in said
    assert "; waiting up to " in said
    assert check.process.returncode == 0
    assert out.count("layer default") == 1
    assert out.rstrip().startswith("id ")


def test_time_running_out_shows_the_last_check_and_is_its_own_code(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--wait", "200ms", "--json", *NOBODY)

    [found] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, found["status"]) == (6, "fail")
    [said] = done.stderr.splitlines()
    assert json.loads(said)["error"].startswith("Not healthy within 0.2 s: layer default: CHO101")


def test_nagios_gets_one_line_when_time_runs_out(tutorial: Tutorial) -> None:
    code, text, _ = nagios(tutorial, "--wait", "200ms", *NOBODY)

    assert code == 2
    assert text.startswith("CHATOPS CRITICAL - Not healthy within 0.2 s: ")


def test_a_wait_leaves_no_more_patience_than_time() -> None:
    with valkey() as server, short_folder() as folder:
        project = Tutorial(folder, "pubsub", server.url)
        server.freeze()
        done = project.chatops("check", *LIVE, "--json", "--wait", "500ms", "--timeout", "50s")

    patience = re.findall(r"gave no answer within ([\d.]+) s", done.stdout)
    assert done.returncode == 6
    assert patience
    assert all(float(each) <= 1 for each in patience)


@pytest.mark.parametrize("away", ["pubsub"], indirect=True)
def test_a_wait_that_is_interrupted_leaves_the_file_as_it_was(
    away: tuple[Valkey, Tutorial], tmp_path: Path
) -> None:
    file = tmp_path / "out"
    file.write_text("of the last time")
    check = Terminal(away[1], "--wait", "60s", "--output", str(file))
    check.said()
    check.process.send_signal(signal.SIGINT)

    assert check.end() == ""
    assert check.process.returncode == 130
    assert file.read_text() == "of the last time"


# ---------------------------------------------------------------- several layers


def several(tutorial: Tutorial, **others: str) -> None:
    """Give the project more layers, each written as Python."""
    with (tutorial.folder / "mysite/settings.py").open("a") as settings:
        for alias, entry in others.items():
            settings.write(f"\nCHANNEL_LAYERS[{alias!r}] = {entry}\n")


def test_all_layers_are_checked_and_the_worst_decides(changing: Tutorial) -> None:
    nobody = 'dict(CHANNEL_LAYERS["default"], CONFIG={"hosts": ["redis://127.0.0.1:1"]})'
    several(changing, good='CHANNEL_LAYERS["default"]', away=nobody, broken="{}")

    done = changing.chatops("check", "--all-layers", "--json", *LIVE)

    found = {each["layer"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert {alias: each["status"] for alias, each in found.items()} == {
        "default": "ok",
        "good": "ok",
        "away": "fail",
        "broken": "fail",
    }
    assert done.returncode == 4
    assert "must be a dict with a BACKEND" in found["broken"]["findings"][0]["detail"]


def test_all_layers_that_pass_are_a_yes_in_every_format(changing: Tutorial) -> None:
    several(changing, other='CHANNEL_LAYERS["default"]')
    all_of_them = ["--all-layers", "--rtt-warn", "20s", "--rtt-crit", "30s", *LIVE]

    code, text, figures = nagios(changing, *all_of_them)
    prometheus = changing.chatops("check", "--format", "prometheus", *all_of_them)
    junit = changing.chatops("check", "--format", "junit", *all_of_them)

    assert (code, text) == (0, "CHATOPS OK - layer default: 3 ok; layer other: 3 ok")
    assert {each.partition("_")[0] for each in figures} == {"default", "other"}
    success = samples(prometheus.stdout)["chatops_check_success"]
    assert success == [({"layer": "default"}, 1.0), ({"layer": "other"}, 1.0)]
    suites = ET.fromstring(junit.stdout)  # noqa: S314
    assert [each.get("name") for each in suites] == ["chatops check default", "chatops check other"]


def test_all_layers_need_no_default(changing: Tutorial) -> None:
    several(changing, other='CHANNEL_LAYERS.pop("default")')

    done = changing.chatops("check", "--all-layers", "--json", *LIVE)

    assert [json.loads(each)["layer"] for each in done.stdout.splitlines()] == ["other"]
    assert done.returncode == 0


def test_the_application_is_looked_at_once_for_all_layers(changing: Tutorial) -> None:
    several(changing, other='CHANNEL_LAYERS["default"]')
    with (changing.folder / "mysite/asgi.py").open("a") as code:
        code.write("\nimport sys\nprint('loading', file=sys.stderr)\nraise ImportError\n")

    done = changing.chatops("check", "--all-layers", "--json", "--only", "CHO304")

    found = [json.loads(each)["findings"][0]["status"] for each in done.stdout.splitlines()]
    assert (found, done.stderr.count("loading")) == (["fail", "fail"], 1)


# ---------------------------------------------------------------- choosing


def ids(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [each["id"] for each in json.loads(done.stdout)["findings"]]


def test_only_what_is_asked_for_is_checked(tutorial: Tutorial) -> None:
    some = tutorial.chatops("check", "--json", "--only", "CHO101,cho001", "--only", "CHO103")
    rest = tutorial.chatops("check", "--json", "--only", "live", "--skip", "CHO101,CHO106,CHO111")

    assert ids(some) == ["CHO001", "CHO101", "CHO103"]
    assert {"CHO102", "CHO103"} <= set(ids(rest))
    assert not {"CHO101", "CHO106", "CHO111", "CHO001"} & set(ids(rest))


def test_the_table_leaves_out_what_does_not_apply_and_counts_it(tutorial: Tutorial) -> None:
    table = tutorial.chatops("check")
    document = json.loads(tutorial.chatops("check", "--json").stdout)

    without = [each["id"] for each in document["findings"] if each["status"] == "n/a"]
    assert without
    assert f", {len(without)} not applicable\n" in table.stdout
    assert not [each for each in without if f"\n{each} " in table.stdout]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["--only", "CHO1011"], "Nearest: CHO1"),
        (["--skip", "setings"], "Nearest: settings"),
        (["--only", "CHO101", "--skip", "live"], "leave nothing to check"),
        (["--rtt-warn", "2s"], "--rtt-crit (1000 ms) is below --rtt-warn (2000 ms)"),
        (["--rtt-warn", "fast"], "'fast' is not a duration"),
        (["--timeout", "0s"], "'0s' is not a duration"),
        (["--wait", "-1s"], "'-1s' is not a duration"),
        (["--loss-crit", "101%"], "'101%' is not a share"),
        (["--loss-crit", "nan"], "'nan' is not a share"),
        (["--samples", "0"], "--samples"),
        (["--format", "xml"], "'xml'"),
        (["--json", "--format", "junit"], "contradict"),
        (["--origin", "https://example.com"], "--origin needs --websocket"),
        (["--header", "A: b"], "--header needs --websocket"),
        (["--chat", "lobby"], "--chat needs --websocket"),
        (["--origin", ""], "--origin needs --websocket"),
        (["--send", ""], "--send needs --websocket"),
        (["--only", "CHO311"], "CHO311 needs --websocket URL."),
        (["--only", "CHO121,CHO122", "--strict"], "CHO121 needs --deep; CHO122 needs --deep."),
        (["--only", "CHO313", "--websocket", "ws://a/"], "needs --send, --expect or --chat."),
        (["--all-layers", "--layer", "nope"], "'nope' is not in CHANNEL_LAYERS"),
        (["--websocket", "ws://a/", "--header", "Bearer"], "--header needs a name and a colon"),
        (["--websocket", "http://example.com"], "must begin with ws:// or wss://"),
        (["--websocket", "ws://example.com", "--send", "{"], "--send is not JSON"),
    ],
)
def test_a_check_that_is_asked_for_wrongly_is_one_line_and_exit_2(
    tutorial: Tutorial, arguments: list[str], culprit: str
) -> None:
    done = tutorial.chatops("check", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert culprit in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_what_settings_tell_needs_no_server(tutorial: Tutorial) -> None:
    done = tutorial.chatops("check", "--only", "settings,application", *NOBODY)

    assert (done.returncode, done.stderr) == (0, "")
    assert "CHO001" in done.stdout
