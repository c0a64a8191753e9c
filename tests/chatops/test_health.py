"""Health checks of a running site: the view, and the class for django-health-check."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import redis
import yaml
from application import configure
from django.contrib.auth.decorators import login_not_required
from django.test import AsyncClient, Client
from django.urls import path
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView
from processes import ROOT
from servers import valkey

from chatops.conf import read
from chatops.contrib import pulse
from chatops.contrib.health_check import ChannelLayer
from chatops.contrib.healthz import healthz
from chatops.errors import BadSetting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from servers import Valkey

urlpatterns = [
    path("healthz", healthz),
    path("healthz/other", healthz, {"layer": "other"}),
    path(
        "health",
        login_not_required(
            HealthCheckView.as_view(checks=["chatops.contrib.health_check.ChannelLayer"])
        ),
    ),
]


@pytest.fixture
def broker(kind: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A server of the test's own, and a process that has asked for nothing yet."""
    monkeypatch.setattr(pulse, "_PULSES", {})
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [  # probes do not log in
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]
    settings.CHATOPS = {}
    with valkey() as server:
        configure(settings, kind, server.url)
        yield server


def commands(server: Valkey) -> int:
    """How many commands the server has been sent, this one included."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.info("stats")["total_commands_processed"])  # type: ignore[index]


def connections(server: Valkey) -> int:
    with redis.Redis.from_url(server.url) as client:
        return len(client.client_list())  # type: ignore[arg-type]


def get(address: str = "/healthz") -> HttpResponse:
    answer: HttpResponse = Client().get(address)
    return answer


def test_a_healthy_layer_is_200_and_tells_no_secrets(broker: Valkey) -> None:
    answer = get()

    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert json.loads(answer.content) == {
        "status": "ok",
        "layer": "default",
        "findings": {"CHO001": "ok", "CHO101": "ok", "CHO102": "ok"},
    }


@pytest.mark.parametrize("kind", ["core", "pubsub"])
def test_a_server_that_was_killed_is_503_and_200_when_it_is_back(
    broker: Valkey, settings: Any
) -> None:
    settings.CHATOPS = {"HEALTH_SECONDS": 0}
    before = get()
    broker.kill()
    during = get()
    broker.start()
    after = get()

    assert [each.status_code for each in (before, during, after)] == [200, 503, 200]
    assert json.loads(during.content)["findings"]["CHO101"] == "fail"
    assert str(broker.socket) not in during.content.decode()


def test_probes_cost_nothing_while_an_answer_stands(broker: Valkey) -> None:
    first = get()
    before = commands(broker)
    others = [get() for _ in range(20)]

    assert {each.content for each in others} == {first.content}
    assert commands(broker) - before < 10  # our own question, whose connection says hello


async def test_probes_at_the_same_time_share_one_check(broker: Valkey) -> None:
    alone = await AsyncClient().get("/healthz")
    cost = await asyncio.to_thread(commands, broker)
    pulse._PULSES.clear()

    answers = await asyncio.gather(*(AsyncClient().get("/healthz") for _ in range(20)))

    assert {each.content for each in answers} == {alone.content}
    assert await asyncio.to_thread(commands, broker) < 4 * cost


def test_threads_of_a_wsgi_server_share_one_check(broker: Valkey) -> None:
    get()
    cost = commands(broker)
    pulse._PULSES.clear()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: get().status_code, range(20)))

    assert set(answers) == {200}
    assert commands(broker) < 4 * cost


def test_repeated_checks_leave_nothing_open_and_no_key(broker: Valkey, settings: Any) -> None:
    settings.CHATOPS = {"HEALTH_SECONDS": 0}
    get()
    before = connections(broker)
    for _ in range(5):
        get()

    assert connections(broker) == before == 1
    with redis.Redis.from_url(broker.url) as client:
        assert client.keys("*") == []


async def test_a_visitor_that_leaves_does_not_end_what_others_wait_for(broker: Valkey) -> None:
    felt = pulse.pulse("default")
    leaves, stays = (asyncio.create_task(felt.health()) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()

    assert (await stays).healthy


def test_a_thread_that_cannot_start_is_tried_again(
    broker: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(pulse.threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            pulse.pulse("default")._current()
    again = get()

    assert again.status_code == 200


class Cancelled:
    """A layer that ends what it is used in."""

    def __init__(self) -> None:
        raise asyncio.CancelledError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_ends_a_check_its_visitors_are_answered(broker: Valkey, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"{__name__}.Cancelled"}}

    answer = get()
    for each in threading.enumerate():
        if "(_feel)" in each.name:
            each.join()  # what it dies of is this test's own

    assert (answer.status_code, json.loads(answer.content)["status"]) == (503, "unknown")


def test_another_layer_is_named_in_the_urlconf_alone(broker: Valkey) -> None:
    assert get("/healthz/other").status_code == 503
    assert json.loads(get("/healthz?layer=other").content)["layer"] == "default"
    assert Client().post("/healthz").status_code == 405


def test_a_layer_that_is_broken_is_503(broker: Valkey, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "nowhere.Layer"}}

    answer = get()

    assert (answer.status_code, json.loads(answer.content)["status"]) == (503, "fail")


def test_a_wrong_number_of_seconds_is_refused() -> None:
    for wrong in (-1, "10", True, float("nan")):
        with pytest.raises(BadSetting, match="HEALTH_SECONDS"):
            read({"HEALTH_SECONDS": wrong})


def test_django_health_check_shows_the_layer(broker: Valkey) -> None:
    answer = get("/health?format=json")

    assert answer.status_code == 200
    assert "ChannelLayer" in answer.content.decode()


def test_the_page_of_django_health_check_needs_what_the_readme_says(
    broker: Valkey, settings: Any
) -> None:
    said = re.search(r'INSTALLED_APPS \+= \["(\w+)"\]', (ROOT / "README.md").read_text("utf-8"))
    assert said is not None
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, said[1]]

    answer = get("/health")

    assert answer.status_code == 200
    assert "text/html" in answer["Content-Type"]


def test_the_probe_in_the_readme_passes_a_production_site(broker: Valkey, settings: Any) -> None:
    [block] = re.findall(
        r"```yaml\n(# of a Kub.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
    [container] = yaml.safe_load(block)["containers"]
    probe = container["readinessProbe"]["httpGet"]
    headers = {each["name"]: each["value"] for each in probe["httpHeaders"]}
    settings.ALLOWED_HOSTS = [headers["Host"]]
    settings.DEBUG = False
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

    answer = Client().get(probe["path"], headers=headers)

    assert answer.status_code == 200


async def test_django_health_check_is_told_what_is_wrong(broker: Valkey, settings: Any) -> None:
    broker.kill()

    with pytest.raises(ServiceUnavailable, match="default: send and receive fail") as caught:
        await ChannelLayer().run()

    assert str(broker.socket) not in str(caught.value)
    broker.start()


def test_neither_is_loaded_by_the_app() -> None:
    code = (
        "import django, sys\nfrom django.conf import settings\n"
        "settings.configure(INSTALLED_APPS=['chatops'])\ndjango.setup()\n"
        "print([each for each in sys.modules if 'health' in each])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
