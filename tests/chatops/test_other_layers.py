"""Layers of others: adapters that packages bring, and layers that keep to a database."""

from __future__ import annotations

import json
import os
import signal
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from servers import short_folder
from tutorial import Tutorial

from chatops.errors import BrokenLayer
from chatops.layers.choose import adapter
from chatops.layers.spelling import TAP

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

only = pytest.mark.parametrize

PACKAGE = {
    "acme/__init__.py": "from acme.layers import Acme\n",
    "acme/layers.py": """
        from layers_of_others import Extended, Unknown

        class Acme(Unknown):
            pass

        class Child(Acme):
            pass

        class Known(Extended):
            pass
    """,
    "acme/chatops.py": """
        from chatops.layers.base import LayerAdapter
        from chatops.model.capability import Capability
        from chatops.model.room import GroupState, Unit

        class AcmeAdapter(LayerAdapter):
            capabilities = frozenset({Capability.CROSS_PROCESS, Capability.LIST_GROUPS})

            async def groups(self, wanted=lambda group: True):
                if wanted("chat_acme"):
                    yield GroupState(group="chat_acme", count=7, unit=Unit.MEMBERS)
    """,
}


def installed(folder: Path, name: str, **entries: str) -> None:
    """Put a distribution there, as pip would; the entries are `layer=adapter`."""
    for path, code in PACKAGE.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(textwrap.dedent(code))
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{layer.replace('__', '.')} = {value}" for layer, value in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(["[chatops.adapters]", *lines, ""]))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, on the path."""
    with short_folder() as folder:
        monkeypatch.syspath_prepend(str(folder))
        yield folder
    for name in [each for each in sys.modules if each.partition(".")[0] == "acme"]:
        del sys.modules[name]


def chosen(settings: Any, backend: str) -> str:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}}
    return type(adapter("default")).__name__


# ---------------------------------------------------------------- adapters that packages bring


def test_a_real_process_uses_an_adapter_that_a_package_brings() -> None:
    with short_folder() as folder:
        installed(folder, "acme", acme__layers__Acme="acme.chatops:AcmeAdapter")
        project = Tutorial(folder, "memory", "")
        with (project.folder / "mysite/settings.py").open("a") as file:
            file.write('\nCHANNEL_LAYERS = {"default": {"BACKEND": "acme.layers.Acme"}}\n')
        project.env["PYTHONPATH"] = f"{folder}:{__file__.rpartition('/chatops/')[0]}"
        done = project.chatops("rooms", "--json")

    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["room"], json.loads(done.stdout)["count"]) == ("acme", 7)


@only("backend", ["acme.layers.Acme", "acme.Acme", "acme.layers.Child"])
def test_a_subclass_or_another_name_of_the_layer_has_its_adapter(
    site: Path, settings: Any, backend: str
) -> None:
    installed(site, "acme", acme__layers__Acme="acme.chatops:AcmeAdapter")

    assert chosen(settings, backend) == "AcmeAdapter"


def test_the_nearest_class_decides(site: Path, settings: Any) -> None:
    installed(site, "acme", acme__layers__Known="acme.chatops:AcmeAdapter")

    assert chosen(settings, "acme.layers.Known") == "AcmeAdapter"
    assert chosen(settings, "layers_of_others.Extended") == "PubSubAdapter"
    assert chosen(settings, "layers_of_others.Unknown") == "LayerAdapter"


def test_nobody_takes_a_layer_of_ours(site: Path, settings: Any) -> None:
    layer = "channels_redis.core.RedisChannelLayer"
    installed(site, "acme", **{layer: "acme.chatops:AcmeAdapter"})

    assert chosen(settings, layer) == "CoreAdapter"


@only("value", ["nowhere:Adapter", "acme.chatops:Nothing", "acme.layers:Acme", "json:dumps"])
def test_an_adapter_that_is_none_is_named_with_its_package(
    site: Path, settings: Any, value: str
) -> None:
    installed(site, "acme-layers", acme__layers__Acme=value)

    with pytest.raises(BrokenLayer, match=rf"{value} that acme-layers registers for acme\.layers"):
        chosen(settings, "acme.layers.Acme")


def test_two_packages_for_one_layer_are_named(site: Path, settings: Any) -> None:
    installed(site, "acme", acme__layers__Acme="acme.chatops:AcmeAdapter")
    installed(site, "other", acme__layers__Acme="other.chatops:Adapter")

    with pytest.raises(BrokenLayer, match=r"of (acme|other) and .* of (acme|other)\. Uninstall"):
        chosen(settings, "acme.layers.Acme")


# ---------------------------------------------------------------- channels_lite

LITE = """
INSTALLED_APPS += ["channels_lite"]
OPTIONS = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA busy_timeout=5000;"}
DATABASES["channels"] = {
    "ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "channels.sqlite3",
    "OPTIONS": OPTIONS | {"transaction_mode": "IMMEDIATE"},
}
DATABASE_ROUTERS = ["channels_lite.router.ChannelsRouter"]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_lite.layers.core.SQLiteChannelLayer",
        "CONFIG": {"database": "channels", "polling_interval": 0.01},
    }
}
"""


@pytest.fixture
def lite() -> Iterator[Tutorial]:
    """The tutorial's project on channels_lite."""
    pytest.importorskip("channels_lite.serializers", reason="channels-lite is not installed")
    with short_folder() as folder:
        project = Tutorial(folder, "memory", "")
        with (project.folder / "mysite/settings.py").open("a") as file:
            file.write(LITE)
        migrate = ["manage.py", "migrate", "--database", "channels", "--verbosity", "0"]
        project.run("python", *migrate).check_returncode()
        yield project


def watching(project: Tutorial, *command: str) -> subprocess.Popen[str]:
    process = project.background(*command, "--json")
    assert process.stderr is not None
    assert json.loads(process.stderr.readline())["kind"] == "ready"
    return process


def test_the_check_passes_on_sqlite(lite: Tutorial) -> None:
    check = json.loads(lite.chatops("check", "--json").stdout)

    wrong = {each["id"]: each for each in check["findings"] if each["status"] == "fail"}
    assert wrong == {}


def test_on_sqlite_a_tail_sees_what_is_said_and_counts_nowhere(lite: Tutorial) -> None:
    tail = watching(lite, "tail", "lobby", "-n", "2")
    rooms = lite.chatops("rooms")
    there = lite.chatops("members", "lobby", "--json")
    members = json.loads(there.stdout)
    empty = lite.chatops("broadcast", "lobby", "hi")
    lite.run("python", "-c", GROUP_SEND).check_returncode()
    out, _ = tail.communicate(timeout=60)
    said, hello = map(json.loads, out.splitlines())

    codes = rooms.returncode, there.returncode, empty.returncode
    assert codes == (1, 1, 1)  # nobody is there
    assert (members["life"], members["channel"].startswith(TAP)) == ("tap", True)
    assert said["body"]["message"] == "hi"  # though nobody is, a tap hears it
    assert hello["body"] == {"type": "hello"}


GROUP_SEND = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
layer = get_channel_layer()
async_to_sync(layer.group_add)("chat_support", "specific.a!b")
async_to_sync(layer.group_send)("chat_support", {"type": "hello"})
async_to_sync(layer.group_send)("chat_lobby", {"type": "hello"})
"""


BURST = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
django.setup()
import asyncio
from channels.layers import get_channel_layer
async def send():
    layer = get_channel_layer()
    for number in range(400):
        await layer.group_send("chat_lobby", {"type": "hello", "n": number})
asyncio.run(send())
"""


def test_on_sqlite_what_did_not_fit_is_a_gap(lite: Tutorial) -> None:
    tail = watching(lite, "tail", "lobby", "-n", "50")
    [listens] = Path(f"/proc/{tail.pid}/task/{tail.pid}/children").read_text().split()
    os.kill(int(listens), signal.SIGSTOP)
    lite.run("python", "-c", BURST).check_returncode()
    os.kill(int(listens), signal.SIGCONT)
    seen = [json.loads(line) for line in tail.communicate(timeout=60)[0].splitlines()]

    assert {each["kind"] for each in seen} == {"gap", "message"}
    [gap] = [each for each in seen if each["kind"] == "gap"]
    assert gap["reason"] == "our queue was full: the layer drops what is sent then"


def test_on_sqlite_rooms_counts_members_and_what_waits(lite: Tutorial) -> None:
    lite.run("python", "-c", GROUP_SEND).check_returncode()

    room = json.loads(lite.chatops("rooms", "--json").stdout)

    assert (room["group"], room["count"], room["unit"]) == ("chat_support", 1, "members")
    assert (room["processes"], room["backlog"], room["capacity"]) == (1, 1, 100)


def test_on_sqlite_one_process_receives_what_another_sends(lite: Tutorial) -> None:
    receiver = watching(lite, "receive", "test_channel")
    lite.chatops("send", "test_channel", '{"type": "hello"}')
    out, err = receiver.communicate(timeout=60)

    assert json.loads(out)["type"] == "hello"
    assert (receiver.returncode, err) == (0, "")
