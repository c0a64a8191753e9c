"""Whether what is sent finds a handler (CHO301, CHO302)."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chatops.conf import read
from chatops.errors import BadSetting
from chatops.model.event import Saying
from chatops.model.finding import Finding
from chatops.model.rules.application import BROADCAST, HANDLED
from chatops.model.target import Target
from chatops.project.event import wording
from chatops.project.handlers import Consumer, nearest
from chatops.project.sent import Sending, code

_CHANNELS_OWN = {
    "websocket.connect",
    "websocket.receive",
    "websocket.disconnect",
    "http.request",
    "http.disconnect",
}
_MOST = 3


def handled_finding(consumers: Sequence[Consumer]) -> Finding:
    """Hold the events that the project's code writes out against the consumers."""
    if not consumers:
        return HANDLED.none("no consumer is routed to (CHO304)")
    root, folders = _own_folders()
    found = code(folders, root)
    wrong = [
        f"{each.place} sends {_said(each, consumers)}"
        for each in found.sendings
        if not _fits(each, consumers, by_itself=found.reads is not None)
    ]
    if wrong:
        more = f"; and {len(wrong) - _MOST} more" if len(wrong) > _MOST else ""
        return HANDLED.fail(f"{'; '.join(wrong[:_MOST])}{more}")
    count = len(found.sendings)
    lenient = [each.name for each in consumers if each.lenient]
    if count and (lenient or found.reads):
        who = lenient[0] if lenient else found.reads
        return HANDLED.ok(f"{count} written out in the code; {who} decides by itself what it takes")
    return HANDLED.ok(f"{count} written out in the code, all with a handler")


def _fits(sending: Sending, consumers: Sequence[Consumer], *, by_itself: bool) -> bool:
    """Tell whether an event does no harm, as far as anybody can know."""
    if by_itself or sending.type in _CHANNELS_OWN:
        return True
    if any(each.lenient for each in consumers):
        return True
    return sending.type is not None and any(each.handles(sending.type) for each in consumers)


def _said(sending: Sending, consumers: Sequence[Consumer]) -> str:
    if sending.type is None:
        return "an event without a type"
    near = nearest(sending.type, consumers)
    return f"{sending.type!r}, which no consumer handles" + (f" (nearest: {near})" if near else "")


def _own_folders() -> tuple[Path, list[Path]]:
    """Return the project's root, and the folders of its own apps, settings and application."""
    from django.apps import apps  # noqa: PLC0415 - imports Django
    from django.conf import settings  # noqa: PLC0415

    module = settings.ASGI_APPLICATION.rpartition(".")[0]
    place = Path(sys.modules[module].__file__ or "").resolve()
    root = place.parents[module.count(".")]
    foreign = {"site-packages", "dist-packages"}
    own = [Path(each.path).resolve() for each in apps.get_app_configs() if each.name != "chatops"]
    inside = [each for each in own if each.is_relative_to(root) and not foreign & {*each.parts}]
    return root, [*inside, *([place.parent] if "." in module else [])]


def broadcast_finding(consumers: Sequence[Consumer]) -> Finding:
    """Hold the event that `chatops broadcast` would send against the consumers."""
    from django.conf import settings  # noqa: PLC0415 - imports Django

    setting = getattr(settings, "CHATOPS", {})
    try:
        conf = read(setting)
        event = wording(conf, Saying(message="A check."))(Target(room="check", group="check"))
        kind = event["type"]
    except BadSetting as error:
        return BROADCAST.fail(str(error))
    if not consumers:
        return BROADCAST.none("no consumer is routed to (CHO304)")
    takers = [each.name for each in consumers if each.handles(kind) and not each.lacks(event)]
    if takers:
        return BROADCAST.ok(f"{kind!r} is handled by {', '.join(takers)}")
    if "BROADCAST_EVENT" not in setting:
        return BROADCAST.none(f"CHATOPS['BROADCAST_EVENT'] is not set: {BROADCAST.fix}")
    if lenient := [each.name for each in consumers if each.lenient]:
        return BROADCAST.ok(f"{lenient[0]} decides by itself whether it takes {kind!r}")
    return BROADCAST.fail(_untaken(event, consumers))


def _untaken(event: Mapping[str, Any], consumers: Sequence[Consumer]) -> str:
    kind = event["type"]
    for each in consumers:
        if lacks := each.lacks(event):
            keys = ", ".join(map(repr, sorted(lacks)))
            return f"{each.name} handles {kind!r} by {keys}, which the event has not"
    near = nearest(kind, consumers)
    return f"no consumer handles {kind!r}" + (f"; nearest: {near}" if near else "")
