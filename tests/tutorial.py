"""A project that has never heard of ours: `startproject` and the Channels tutorial's consumer."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import forked
from processes import DEADLINE, Process, free_port, short_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

CONSUMER = """
import json

from channels.generic.websocket import AsyncWebsocketConsumer


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.room_group_name = f"chat_{self.scope['url_route']['kwargs']['room_name']}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code):
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data):
        message = json.loads(text_data)["message"]
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "chat.message", "message": message}
        )

    async def chat_message(self, event):
        await self.send(text_data=json.dumps({"message": event["message"]}))
"""

ASGI = """
import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
django_asgi_app = get_asgi_application()

from chat.consumers import ChatConsumer

application = ProtocolTypeRouter({
    "http": django_asgi_app,
    "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([
        re_path(r"ws/chat/(?P<room_name>\\w+)/$", ChatConsumer.as_asgi()),
    ]))),
})
"""

SETTINGS = """
import os

INSTALLED_APPS = ["chatops", *INSTALLED_APPS]
ASGI_APPLICATION = "mysite.asgi.application"
BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "memory": "channels.layers.InMemoryChannelLayer",
}
KIND = os.environ["LAYER_KIND"]
HOST = {"address": os.environ.get("LAYER_URL"), "socket_timeout": None, "protocol": 2}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": BACKENDS[KIND],
        "CONFIG": {} if KIND == "memory" else {"hosts": [HOST]},
    }
}
CHATOPS = {"BROADCAST_EVENT": {"type": "chat.message", "message": "{message}"}}
"""


class Tutorial(Process):
    """The project's folder, its commands, and a Daphne that serves it once started."""

    def __init__(self, folder: Path, kind: str, url: str, bin_folder: Path | None = None) -> None:
        self.bin = bin_folder or folder_of_this_python()
        self.port = free_port()
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/chat"
        self.folder = folder / "tutorial"
        self.folder.mkdir()
        env = {**_clean(), "LAYER_KIND": kind, "LAYER_URL": url, "NO_COLOR": "1"}
        # A file that is changed twice within a second may be taken for what was compiled of it.
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        daphne = folder_of_this_python() / "daphne"
        arguments = ["-b", "127.0.0.1", "-p", str(self.port), "mysite.asgi:application"]
        super().__init__([str(daphne), *arguments], folder, env, cwd=self.folder)
        for name, text in _started().items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text)
        (self.folder / "chat").mkdir()
        (self.folder / "chat/__init__.py").touch()
        (self.folder / "chat/consumers.py").write_text(CONSUMER)
        (self.folder / "mysite/asgi.py").write_text(ASGI)
        with (self.folder / "mysite/settings.py").open("a") as settings:
            settings.write(SETTINGS)

    def answers(self) -> bool:
        """Tell whether Daphne listens."""
        return "Listening on TCP" in self.log

    def run(
        self,
        command: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the environment's commands in the project."""
        return subprocess.run(
            [str(self.bin / command), *arguments],
            cwd=cwd or self.folder,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE,
        )

    def chatops(self, *arguments: str, **more: Path) -> subprocess.CompletedProcess[str]:
        """Run `chatops` in the project, where `run` would load all libraries anew."""
        cwd = more.get("cwd") or self.folder
        if self.bin != folder_of_this_python() or not forked.fits(self.env):
            return self.run("chatops", *arguments, cwd=cwd)
        return forked.run([str(self.bin / "chatops"), *arguments], cwd, self.env, DEADLINE)

    def background(self, *arguments: str, **more: int) -> subprocess.Popen[str]:
        """Start `chatops` in the project, with its stdout and stderr as pipes."""
        return subprocess.Popen(
            [str(self.bin / "chatops"), *arguments],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=more.get("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
        )


@cache
def _started() -> dict[str, str]:
    """Return the files that `startproject` writes; it need not run for each project."""
    with short_folder() as folder:
        command = [folder_of_this_python() / "django-admin", "startproject", "mysite", "."]
        subprocess.run(command, cwd=folder, env=_clean(), check=True, timeout=DEADLINE)
        files = [file for file in folder.rglob("*") if file.is_file()]
        return {str(file.relative_to(folder)): file.read_text() for file in files}


def _clean() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}


def folder_of_this_python() -> Path:
    """Where this environment's commands are."""
    return Path(sys.executable).parent
