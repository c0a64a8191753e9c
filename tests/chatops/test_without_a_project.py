"""A server's URL is enough, and what is secret stays so."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from application import BACKENDS, Application
from brokers import broker as started
from processes import DEADLINE, short_folder
from proxies import secured, self_signed

from chatops.errors import BadValue
from chatops.project.locate import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from brokers import Broker

only = pytest.mark.parametrize
SECRET = "s3cret"  # noqa: S105 - of a server that lives for one test
KEYS = ["first key of this test", "second key of this test"]


class Elsewhere:
    """A folder without a project, and the command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ours = ("CHATOPS_", "DJANGO_SETTINGS_MODULE")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.env["NO_COLOR"] = "1"

    def file(self, name: str, text: str, mode: int = 0o600) -> str:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(mode)
        return name

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "chatops", *arguments],
            cwd=self.folder,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=DEADLINE)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with short_folder() as folder:
        yield Elsewhere(folder)


@pytest.fixture
def guarded() -> Iterator[Broker]:
    """A server that lets nobody in but Ann."""
    with started(tcp=True) as server:
        server.user("ann", "~*", "&*", "+@all")
        server.ask("ACL", "SETUSER", "default", "off")
        yield server


def findings(text: str) -> dict[str, str]:
    return {each["id"]: each["status"] for each in json.loads(text)["findings"]}


# ---------------------------------------------------------------- who we are

WAYS: dict[str, tuple[list[str], dict[str, str]]] = {
    "environment": ([], {"CHATOPS_USERNAME": "ann", "CHATOPS_PASSWORD": SECRET}),
    "file": (["--password-file", "password"], {"CHATOPS_USERNAME": "ann"}),
    "a file goes before the environment": (
        ["--password-file", "password"],
        {"CHATOPS_USERNAME": "ann", "CHATOPS_PASSWORD": "wrong"},
    ),
}


@only("way", WAYS.values(), ids=WAYS.keys())
@only("kind", ["core", "pubsub"])
def test_credentials_need_not_be_arguments(
    elsewhere: Elsewhere, guarded: Broker, kind: str, way: tuple[list[str], dict[str, str]]
) -> None:
    elsewhere.file("password", f"{SECRET}\n")
    options, env = way

    done = elsewhere.run(
        *("check", "--backend", kind, "--json", *options), **env, CHATOPS_URL=guarded.tcp
    )

    # The other process, of CHO106, was let in as well.
    assert findings(done.stdout)["CHO101"] == findings(done.stdout)["CHO106"] == "ok"


def test_what_the_url_says_goes_before_the_environment(
    elsewhere: Elsewhere, guarded: Broker
) -> None:
    url = guarded.tcp.replace("redis://", f"redis://ann:{SECRET}@")

    done = elsewhere.run("rooms", "--url", url, CHATOPS_PASSWORD="wrong")  # noqa: S106 - it is

    assert (done.returncode, "Nobody is in a room" in done.stderr) == (1, True)


VERBS = {
    "check": ["check"],
    "rooms": ["rooms"],
    "tail": ["tail", "lobby", "--for", "1s"],
    "broadcast": ["broadcast", "lobby", "hi", "--type", "t"],
    "send": ["send", "test_channel", '{"type": "hello"}'],
    "receive": ["receive", "test_channel", "--for", "1s"],
}


@only("form", [[], ["--json"]])
@only("kind", ["core", "pubsub"])
@only("verb", VERBS.values(), ids=VERBS.keys())
def test_a_password_that_is_wrong_is_not_shown(
    elsewhere: Elsewhere, guarded: Broker, verb: list[str], kind: str, form: list[str]
) -> None:
    env = {"CHATOPS_USERNAME": "wrong-name", "CHATOPS_PASSWORD": "wrong-word"}

    done = elsewhere.run(*verb, "--url", guarded.tcp, "--backend", kind, *form, **env)

    assert done.returncode == 4
    assert "wrong-" not in done.stdout + done.stderr
    assert "refused the user name or password" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's /proc")
def test_no_argument_of_any_process_of_ours_holds_the_secret(
    elsewhere: Elsewhere, guarded: Broker
) -> None:
    elsewhere.file("password", SECRET)
    process = elsewhere.start(
        *("check", "--url", guarded.tcp, "--password-file", "password"), CHATOPS_USERNAME="ann"
    )
    seen: set[bytes] = set()
    while process.poll() is None:
        seen |= {_arguments(each, elsewhere.folder) for each in Path("/proc").iterdir()}
    process.communicate()
    seen = {each for each in seen if b"chatops" in each}

    assert len(seen) >= 2  # our own, and that of the other process
    assert not any(SECRET.encode() in each for each in seen)


def _arguments(process: Path, folder: Path) -> bytes:
    """Return the arguments of a process that runs in the folder, as all of ours do."""
    try:
        ours = (process / "cwd").readlink() == folder
        return (process / "cmdline").read_bytes() if ours else b""
    except OSError:  # it is no process, or has ended
        return b""


# ---------------------------------------------------------------- what they say


@only("kind", ["core", "pubsub"])
@only("config", [{"symmetric_encryption_keys": KEYS}, {"serializer_format": "json"}])
async def test_messages_are_read_as_the_application_writes_them(
    elsewhere: Elsewhere, settings: Any, kind: str, config: dict[str, Any]
) -> None:
    elsewhere.file("keys", "\n".join(KEYS))
    option = ["--serializer", "json"] if "serializer_format" in config else ["--key-file", "keys"]
    with started() as server:
        hosts = [{"address": server.url, "socket_timeout": None, "protocol": 2}]
        entry = {"BACKEND": BACKENDS[kind], "CONFIG": {"hosts": hosts, "prefix": "p", **config}}
        settings.CHANNEL_LAYERS = {"default": entry}
        app = Application("default")
        channel = await app.join("chat_lobby")
        process = elsewhere.start(
            *("tail", "lobby", "-n", "1", "--json", *option, "--url", server.url),
            *("--backend", kind, "--prefix", "p"),
        )
        assert process.stderr is not None
        assert await asyncio.to_thread(process.stderr.readline)
        await app.layer.group_send("chat_lobby", {"type": "hello", "n": 1})
        got = await app.layer.receive(channel)
        out, _ = await asyncio.to_thread(process.communicate, timeout=DEADLINE)
        await app.leave()
        await app.layer.flush()

    assert json.loads(out)["body"] == got == {"type": "hello", "n": 1}


async def test_tls_is_as_safe_as_its_authority(elsewhere: Elsewhere) -> None:
    certificate = self_signed(elsewhere.folder, "127.0.0.1")
    with started(tcp=True) as server:
        async with secured(server.port, certificate) as port:
            url = f"rediss://127.0.0.1:{port}/0"
            known = await asyncio.to_thread(
                elsewhere.run, "rooms", "--url", f"{url}?ssl_ca_certs={certificate}"
            )
            unknown = await asyncio.to_thread(elsewhere.run, "rooms", "--url", url)

    assert (known.returncode, "Nobody is in a room" in known.stderr) == (1, True)
    assert (unknown.returncode, "certificate verify failed" in unknown.stderr) == (4, True)


# ---------------------------------------------------------------- what may be meant instead

ALONE = {
    "rooms": (["rooms"], 1),
    "members": (["members", "lobby"], 5),
    "tail": (["tail", "lobby", "--for", "1ms"], 0),
    "so many": (["tail", "lobby", "-n", "1", "--for", "1ms"], 6),
    "expect": (["expect", "lobby", "--timeout", "1ms"], 6),
    "broadcast": (["broadcast", "lobby", "hi", "--type", "t", "--same-codec"], 1),
    "a glob": (["broadcast", "l*", "hi", "--type", "t", "--same-codec"], 1),
}


@only(("verb", "code"), ALONE.values(), ids=ALONE.keys())
def test_who_is_not_found_by_a_server_alone_may_be_by_another_layer(
    elsewhere: Elsewhere, server: Any, verb: list[str], code: int
) -> None:
    done = elsewhere.run(*verb, "--url", server.url)

    assert done.returncode == code
    assert done.stderr.count("Looked as pubsub, prefix 'asgi'") == 1
    assert "by --backend core or --prefix." in done.stderr


# ---------------------------------------------------------------- used wrongly

WRONG: dict[str, tuple[list[str], str]] = {
    "another scheme": (["--url", "http://x"], "--url must begin with redis://"),
    "a port that is none": (["--url", f"redis://:{SECRET}/1@h:1/0"], "no valid host and port"),
    "a port that is too high": (["--url", "redis://h:99999"], "no valid host and port"),
    "a database that is none": (["--url", f"redis://h:1/{SECRET}"], "no number as its database"),
    "a password in two": (["--url", f"redis://:1/{SECRET}@h:1/0"], "no number as its database"),
    "a password cut short": (["--url", f"redis://:#{SECRET}@h"], "has a # in it"),
    "brackets": (["--url", f"redis://[{SECRET}"], "no valid host and port"),
    "no socket": (["--url", "unix://"], "needs the path of a socket"),
    "a word that redis-py does not know": (["--url", "redis://h/0?frob=1"], "cannot be used"),
    "two sources": (["--url", "redis://h", "--settings", "s"], "contradict one another"),
    "another backend": (["--url", "redis://h", "--backend", "x"], "--backend is core or pubsub"),
    "another serializer": (["--url", "redis://h", "--serializer", "x"], "--serializer is msgpack"),
    "no such file": (["--url", "redis://h", "--key-file", "nowhere"], "cannot be read"),
    "a folder": (["--url", "redis://h", "--password-file", "."], "cannot be read"),
    "no text": (["--url", "redis://h", "--key-file", "bytes"], "is not text"),
    "no key": (["--url", "redis://h", "--key-file", "empty"], "holds no key"),
    "two passwords": (["--url", "redis://h", "--password-file", "two"], "a password is one"),
    "nothing for the options": (["--prefix", "p"], "--prefix goes with --url"),
}


@only(("options", "culprit"), WRONG.values(), ids=WRONG.keys())
def test_what_is_malformed_is_one_line_that_shows_no_secret(
    elsewhere: Elsewhere, options: list[str], culprit: str
) -> None:
    elsewhere.file("empty", "\n \n")
    elsewhere.file("two", f"{SECRET}\n{SECRET}2\n")
    (elsewhere.folder / "bytes").write_bytes(b"\xff" + SECRET.encode())

    done = elsewhere.run("rooms", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert culprit in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert SECRET not in done.stderr


@only(("mode", "told"), [(0o644, True), (0o640, False), (0o600, False)])
def test_a_file_that_everybody_can_read_is_told(
    elsewhere: Elsewhere, mode: int, *, told: bool
) -> None:
    elsewhere.file("keys", "\n".join(KEYS), mode)
    with started() as server:
        done = elsewhere.run("rooms", "--url", server.url, "--key-file", "keys")

    assert done.returncode == 1
    assert ("Everybody on this machine can read 'keys'" in done.stderr) is told


# ---------------------------------------------------------------- which one


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr("chatops.project.locate._django_runs", lambda: False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHATOPS_URL", "redis://of-the-environment")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "env.settings")
    return monkeypatch


def test_the_urls_variable_goes_before_a_projects(nowhere: pytest.MonkeyPatch) -> None:
    assert (locate().url, locate().settings) == ("redis://of-the-environment", None)


def test_what_is_said_outright_goes_before_the_environment(nowhere: pytest.MonkeyPatch) -> None:
    assert locate(settings="option.settings").settings == "option.settings"
    assert locate(url="redis://option").url == "redis://option"


def test_a_variable_that_is_malformed_is_named(nowhere: pytest.MonkeyPatch) -> None:
    nowhere.setenv("CHATOPS_URL", "localhost:6379")

    with pytest.raises(BadValue, match=r"^CHATOPS_URL must begin with"):
        locate()


def test_what_is_secret_is_in_no_repr(nowhere: pytest.MonkeyPatch) -> None:
    nowhere.setenv("CHATOPS_PASSWORD", SECRET)

    assert SECRET not in repr(locate(url=f"redis://:{SECRET}@h"))
