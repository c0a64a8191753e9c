"""Bring the Django project up in this process."""

import os
import sys
from importlib import import_module
from typing import Any

from chatops.conf import Conf, read
from chatops.errors import BadSetting, BrokenLayer, BrokenProject, foreign
from chatops.model.source import LayerSource
from chatops.project.aside import aside

BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


def load(source: LayerSource) -> Conf:
    """Set Django up as `source` says, once, and return the project's CHATOPS.

    Raises `BrokenProject` where the settings cannot be imported.
    """
    from django.apps import apps  # noqa: PLC0415 - --help must not pay for Django

    if not apps.ready:
        _set_up(source)
    from django.conf import settings  # noqa: PLC0415

    return read(getattr(settings, "CHATOPS", {}))


def _set_up(source: LayerSource) -> None:
    import django  # noqa: PLC0415

    if source.path and source.path not in sys.path:
        sys.path.insert(0, source.path)
    if source.url is not None:
        _without_a_project(source)
        return
    if source.settings is not None:
        os.environ["DJANGO_SETTINGS_MODULE"] = source.settings
    with foreign(BrokenProject, f"The settings {source.settings!r} cannot be loaded"), aside():
        django.setup()


def _without_a_project(source: LayerSource) -> None:
    """Set Django up for a layer alone: `django.setup` would load its models and forms as well."""
    from django.apps import apps  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    settings.configure(CHANNEL_LAYERS={source.alias: _entry(source)})
    apps.populate(())


def _entry(source: LayerSource) -> dict[str, Any]:
    host = {
        "address": source.url,
        # redis-py 8 gives up an idle read after 5 s, which is how long the core layer waits.
        "socket_timeout": None,
        "protocol": 2,
    }
    # What the URL says goes before these.
    credentials = {"username": source.username, "password": source.password}
    return {
        "BACKEND": BACKENDS[source.backend],
        "CONFIG": {
            "hosts": [host | {name: value for name, value in credentials.items() if value}],
            "prefix": source.prefix,
            "serializer_format": source.serializer,
            "symmetric_encryption_keys": list(source.keys),
        },
    }


def prepare(conf: Conf, alias: str) -> None:
    """Let the project do what its layer needs before it is first used."""
    if conf.prepare_layer is None:
        return
    hook = imported(conf.prepare_layer, "PREPARE_LAYER")
    with foreign(BrokenLayer, f"CHATOPS['PREPARE_LAYER'] failed for {alias!r}"), aside():
        hook(alias)


def imported(dotted: str, setting: str) -> Any:  # noqa: ANN401 - whatever the project names
    """Import what CHATOPS[`setting`] names; raises `BadSetting` where that fails."""
    module, _, name = dotted.rpartition(".")
    with foreign(BadSetting, f"CHATOPS[{setting!r}] = {dotted!r} cannot be imported"), aside():
        return getattr(import_module(module), name)
