"""What is found in real projects' ASGI applications, and what is not."""

from __future__ import annotations

import json
import re
import shutil
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest
from processes import short_folder
from tutorial import Tutorial

from chatops.model.finding import Status
from chatops.project.application import application_findings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def template() -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "memory", "")


@pytest.fixture
def project(template: Tutorial) -> Iterator[Tutorial]:
    """The tutorial's project on the in-memory layer: these findings need no broker."""
    with short_folder() as folder:
        mine = copy(template)
        mine.folder = mine.cwd = folder / "tutorial"
        shutil.copytree(template.folder, mine.folder)
        yield mine


def found(project: Tutorial) -> dict[str, dict[str, Any]]:
    done = project.chatops("check", "--only", "CHO301,CHO302,CHO303,CHO304", "--json")
    assert done.stdout, done.stderr
    return {each["id"]: each for each in json.loads(done.stdout)["findings"]}


def edit(project: Tutorial, file: str, before: str, after: str) -> None:
    path = project.folder / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def add(project: Tutorial, file: str, text: str) -> None:
    with (project.folder / file).open("a") as opened:
        opened.write(f"\n{text}\n")


def statuses(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {each: row["status"] for each, row in rows.items()}


HEALTHY = {"CHO301": "ok", "CHO302": "ok", "CHO303": "ok", "CHO304": "ok"}


def test_the_tutorials_project_is_healthy(project: Tutorial) -> None:
    rows = found(project)

    assert statuses(rows) == HEALTHY
    assert rows["CHO301"]["detail"] == "1 written out in the code, all with a handler"


def test_our_own_site_is_healthy(settings: Any) -> None:
    rows = {each.id: each.status.value for each in application_findings()}

    assert rows == HEALTHY


def test_without_an_application_there_is_nothing_to_look_at(settings: Any) -> None:
    settings.ASGI_APPLICATION = None

    assert {each.status for each in application_findings()} == {Status.NONE}


ODD = """
class Odd:
    @property
    def routes(self):
        raise ValueError("odd")
application = Odd()
"""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("application = None", "fail"),
        (ODD, "unknown"),
        ("print('hello')", "ok"),
    ],
)
def test_what_is_odd_in_asgi_py_is_a_finding_and_no_traceback(
    project: Tutorial, line: str, status: str
) -> None:
    add(project, "mysite/asgi.py", line)
    add(project, "mysite/settings.py", "print('hello from settings')")

    assert found(project)["CHO304"]["status"] == status


# ---------------------------------------------------------------- CHO301


def test_a_type_that_nobody_handles_is_named_with_its_place(project: Tutorial) -> None:
    edit(project, "chat/consumers.py", '"type": "chat.message"', '"type": "chat.massage"')

    row = found(project)["CHO301"]

    assert row["status"] == "fail"
    assert re.search(r"chat/consumers.py:\d+ sends 'chat.massage', which no", row["detail"])
    assert "'chat.message' of chat.consumers.ChatConsumer" in row["detail"]


VIEW = """
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer


def view(request):
    layer = get_channel_layer()
    async_to_sync(layer.group_send)("chat_a", {event})
"""


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ('{"text": "no type"}', "fail"),
        ('{"type": "chat.other"}', "fail"),
        ('{"type": "websocket.close"}', "fail"),
        ('{"type": "chat.message"}', "ok"),
        ('{"type": "websocket.disconnect", "code": 1000}', "ok"),
        ('{"text": "type elsewhere", **request.event}', "ok"),
        ('{"type": "chat.other", **request.event}', "ok"),
        ('{request.key: "chat.message"}', "ok"),
        ('{"type": request.kind}', "ok"),
        ("request.event", "ok"),
    ],
)
def test_a_view_that_is_not_loaded_is_read_too(project: Tutorial, event: str, status: str) -> None:
    edit(project, "mysite/settings.py", '["chatops"', '["chat", "chatops"')
    (project.folder / "chat/views.py").write_text(VIEW.replace("{event}", event))

    assert found(project)["CHO301"]["status"] == status


def test_a_method_of_the_projects_own_is_not_the_layers(project: Tutorial) -> None:
    add(project, "chat/consumers.py", "def f(self):\n    self.group_send('a', {'text': 'hi'})")

    assert found(project)["CHO301"]["status"] == "ok"


@pytest.mark.parametrize(
    ("made", "status"),
    [("Layers()", "ok"), ("get_channel_layer()", "fail"), ("channel_layer", "fail")],
)
def test_only_a_channel_layer_sends_events(project: Tutorial, made: str, status: str) -> None:
    more = (
        "from channels.layers import get_channel_layer\n"
        "def draw(channel_layer, Layers):\n"
        f"    layer = {made}\n"
        "    layer.send('map', {'opacity': 1})"
    )
    add(project, "chat/consumers.py", more)

    assert found(project)["CHO301"]["status"] == status


def test_types_for_a_worker_count_as_handled(project: Tutorial) -> None:
    worker = (
        "from channels.consumer import AsyncConsumer\n"
        "class Worker(AsyncConsumer):\n"
        "    async def picture_shrink(self, event): ...\n"
        "async def ask(channel_layer):\n"
        "    await channel_layer.send('pictures', {'type': 'picture.shrink'})"
    )
    add(project, "chat/consumers.py", worker)
    edit(
        project,
        "mysite/asgi.py",
        '"http": django_asgi_app,',
        '"http": django_asgi_app, "channel": ChannelNameRouter({"pictures": Worker.as_asgi()}),',
    )
    edit(project, "mysite/asgi.py", "import ChatConsumer", "import ChatConsumer, Worker")
    edit(project, "mysite/asgi.py", "import ProtocolType", "import ChannelNameRouter, ProtocolType")

    assert statuses(found(project)) == HEALTHY


@pytest.mark.parametrize(
    "more",
    [
        "    async def dispatch(self, message): ...",
        "    def __getattr__(self, name): ...",
        "async def stream(channel_layer, name):\n    return await channel_layer.receive(name)",
    ],
)
def test_who_decides_by_itself_what_it_takes_is_not_judged(project: Tutorial, more: str) -> None:
    edit(project, "chat/consumers.py", '"type": "chat.message"', '"type": "chat.other"')
    add(project, "chat/consumers.py", more)

    row = found(project)["CHO301"]

    assert row["status"] == "ok"
    assert "decides by itself" in row["detail"]


# ---------------------------------------------------------------- CHO302


def test_a_broadcast_that_nobody_handles_is_a_failure(project: Tutorial) -> None:
    add(project, "mysite/settings.py", 'CHATOPS = {"BROADCAST_EVENT": {"type": "chat.syste"}}')

    row = found(project)["CHO302"]

    assert row["status"] == "fail"
    assert "no consumer handles 'chat.syste'" in row["detail"]


def test_the_default_event_that_nobody_handles_is_nobodys_fault(project: Tutorial) -> None:
    add(project, "mysite/settings.py", "CHATOPS = {}")

    row = found(project)["CHO302"]

    assert row["status"] == "n/a"
    assert "CHATOPS['BROADCAST_EVENT'] is not set" in row["detail"]


def test_a_broadcast_event_that_cannot_be_built_is_a_failure(project: Tutorial) -> None:
    add(project, "mysite/settings.py", 'CHATOPS = {"BROADCAST_EVENT": "nowhere.build"}')

    assert found(project)["CHO302"]["status"] == "fail"


# ---------------------------------------------------------------- CHO303


@pytest.mark.parametrize(
    ("websocket", "status", "said"),
    [
        ("AuthMiddlewareStack({router})", "warn", "without a check"),
        ("SessionMiddlewareStack({router})", "warn", "without a check"),
        ("CookieMiddleware({router})", "warn", "without a check"),
        ('OriginValidator(AuthMiddlewareStack({router}), ["*"])', "warn", "every Origin"),
        ("OriginValidator({router}, [])", "fail", "no Origin is allowed"),
        ("AuthMiddlewareStack(AllowedHostsOriginValidator({router}))", "ok", "checked"),
        ('OriginValidator(AuthMiddlewareStack({router}), ["https://a.example"])', "ok", "checked"),
        ("{router}", "ok", "no middleware reads cookies"),
        ('OriginValidator({router}, ["*"])', "ok", "no middleware reads cookies"),
        ("AuthMiddlewareStack(MyOriginGuard({router}))", "ok", "checked"),
    ],
)
def test_the_origin_check_is_found_on_the_way(
    project: Tutorial, websocket: str, status: str, said: str
) -> None:
    router = 'URLRouter([re_path(r"ws/chat/(?P<room_name>.+)/$", ChatConsumer.as_asgi())])'
    add(
        project,
        "mysite/asgi.py",
        "from channels.security.websocket import OriginValidator\n"
        "from channels.sessions import CookieMiddleware, SessionMiddlewareStack\n"
        "class MyOriginGuard:\n"
        "    def __init__(self, inner): self.inner = inner\n"
        "    async def __call__(self, *given): await self.inner(*given)\n"
        f'application = ProtocolTypeRouter({{"websocket": {websocket.format(router=router)}}})',
    )

    row = found(project)["CHO303"]

    assert (row["status"], said in row["detail"]) == (status, True)


@pytest.mark.parametrize(
    "bare", ["AuthMiddlewareStack(room)", 'OriginValidator(AuthMiddlewareStack(room), ["*"])']
)
def test_one_unguarded_way_among_guarded_ones_is_found(project: Tutorial, bare: str) -> None:
    add(
        project,
        "mysite/asgi.py",
        "from channels.security.websocket import OriginValidator\n"
        'room = URLRouter([re_path("x/$", ChatConsumer.as_asgi())])\n'
        'guarded = OriginValidator(AuthMiddlewareStack(room), ["https://a.example"])\n'
        f"both = URLRouter([re_path('a/', guarded), re_path('b/', {bare})])\n"
        'application = ProtocolTypeRouter({"websocket": both})',
    )

    assert found(project)["CHO303"]["status"] == "warn"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("DEBUG = False\nALLOWED_HOSTS = []", "fail"),
        ("DEBUG = True\nALLOWED_HOSTS = []", "ok"),
        ("DEBUG = False\nALLOWED_HOSTS = ['example.com']", "ok"),
        ("DEBUG = False\nALLOWED_HOSTS = ['*']", "warn"),
    ],
)
def test_what_allowed_hosts_means_for_sockets(project: Tutorial, lines: str, status: str) -> None:
    add(project, "mysite/settings.py", lines)

    assert found(project)["CHO303"]["status"] == status


def test_a_consumer_that_checks_the_origin_itself_is_left_alone(project: Tutorial) -> None:
    edit(project, "mysite/asgi.py", "AllowedHostsOriginValidator(Auth", "(Auth")
    add(project, "chat/consumers.py", '    ALLOWED = dict(origin="https://a.example")')

    assert found(project)["CHO303"]["status"] == "ok"


# ---------------------------------------------------------------- CHO304


def test_an_application_that_cannot_be_imported_is_told_with_the_error(project: Tutorial) -> None:
    edit(project, "mysite/asgi.py", "from chat.consumers", "from chat.consumer")

    rows = found(project)

    assert rows["CHO304"]["status"] == "fail"
    assert "No module named 'chat.consumer'" in rows["CHO304"]["detail"]
    assert {rows[each]["status"] for each in ("CHO301", "CHO302", "CHO303")} == {"unknown"}


def test_an_application_that_asks_the_database_can_be_loaded(project: Tutorial) -> None:
    asks = "from django.db import connection\nconnection.ensure_connection()"
    edit(project, "mysite/asgi.py", "from chat.consumers", f"{asks}\nfrom chat.consumers")

    assert statuses(found(project)) == HEALTHY


@pytest.mark.parametrize("routed", ["ChatConsumer", "ChatConsumer.as_asgi"])
def test_a_consumer_without_as_asgi_is_named(project: Tutorial, routed: str) -> None:
    edit(project, "mysite/asgi.py", "ChatConsumer.as_asgi()", routed)

    row = found(project)["CHO304"]

    assert row["status"] == "fail"
    assert "chat.consumers.ChatConsumer is routed to as a class" in row["detail"]
    assert row["fix"] == "Write ChatConsumer.as_asgi() there."


@pytest.mark.parametrize(
    ("application", "status", "said"),
    [
        ("django_asgi_app", "warn", "Django's alone"),
        ('ProtocolTypeRouter({"http": django_asgi_app})', "warn", "no `websocket`"),
        ('ProtocolTypeRouter({"websocket": URLRouter([])})', "warn", "lead to no consumer"),
        ('ProtocolTypeRouter({"websocket": print})', "unknown", "no consumer can be seen"),
        ('ProtocolTypeRouter({"http": ChatConsumer.as_asgi()})', "ok", "leads to"),
    ],
)
def test_an_application_without_sockets_is_told(
    project: Tutorial, application: str, status: str, said: str
) -> None:
    add(project, "mysite/asgi.py", f"application = {application}")

    row = found(project)["CHO304"]

    assert (row["status"], said in row["detail"]) == (status, True)


@pytest.mark.parametrize(
    ("route", "status"),
    [
        (r're_path(r"^/ws/chat/$", {chat})', "warn"),
        ('path("/ws/chat/", {chat})', "warn"),
        (r're_path(r"^/?ws/chat/$", {chat})', "ok"),
        (r're_path(r"^/ws|^ws", {chat})', "ok"),
        ('path("ws/chat/", {chat})', "ok"),
    ],
)
def test_a_route_that_never_matches_is_named(project: Tutorial, route: str, status: str) -> None:
    add(
        project,
        "mysite/asgi.py",
        "from django.urls import path\n"
        f"routes = [{route.format(chat='ChatConsumer.as_asgi()')}]\n"
        'application = ProtocolTypeRouter({"websocket": URLRouter(routes)})',
    )

    row = found(project)["CHO304"]

    assert row["status"] == status
    assert ("never matches" in row["detail"]) is (status == "warn")


def test_models_that_are_imported_too_early_are_told_as_the_server_would(
    project: Tutorial,
) -> None:
    edit(project, "mysite/settings.py", '["chatops"', '["chat", "chatops"')
    model = "from django.db import models\nclass Room(models.Model):\n    name = models.TextField()"
    (project.folder / "chat/models.py").write_text(model)
    edit(project, "chat/consumers.py", "import json", "import json\nfrom . import models")
    healthy = found(project)["CHO304"]
    edit(project, "mysite/asgi.py", "import os", "import os\nfrom chat import consumers")

    row = found(project)["CHO304"]
    served = project.run(
        "python", "-c", "import mysite.asgi", env={"DJANGO_SETTINGS_MODULE": "mysite.settings"}
    )

    assert healthy["status"] == "ok"
    assert row["status"] == "warn"
    assert "of mysite.asgi imports chat.consumers → chat.models, which has" in row["detail"]
    assert "get_asgi_application() before" in row["fix"]
    assert "AppRegistryNotReady" in served.stderr
