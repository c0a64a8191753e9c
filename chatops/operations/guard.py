"""What is made sure of before a broadcast's first byte goes out."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from chatops.errors import Refused, Unsupported
from chatops.layers.base import LayerAdapter
from chatops.operations.alike import alike
from chatops.project.handlers import Consumer, nearest

_SMALL = 64 * 1024
"""Bytes that no server refuses, so that it need not be asked."""

_LOOKED_AT = 20
_ALLOWED = frozenset("\n\t")


def handled(event: Mapping[str, Any], consumers: Sequence[Consumer], *groups: str) -> None:
    """Refuse a type that would close sockets: not every consumer in one of the groups handles it.

    In a group is each consumer whose code can join one of that name. Where it is none of them,
    other code adds them, nobody knows which, and one that handles the type is enough.
    """
    kind = event["type"]
    others = [each for each in consumers if not (each.lenient or each.handles(kind))]
    if len(others) == len(consumers):
        near = nearest(kind, consumers)
        raise Refused(
            f"No consumer that the ASGI application routes to handles {kind!r}, so it would close "
            f"every socket in the room. "
            f"{f'Nearest: {near}. ' if near else 'They handle no event. '}"
            "Set CHATOPS['BROADCAST_EVENT'] or --type to a type that is handled."
        )
    for group in groups if others else ():
        _handled_in(group, kind, others)


def _handled_in(group: str, kind: str, others: Sequence[Consumer]) -> None:
    for each in others:
        groups = each.groups
        if groups is not None and not any(re.fullmatch(name, group) for name in groups):
            continue
        who = (
            f"Which groups {each.name} joins cannot be read from its code, and it"
            if groups is None
            else f"{each.name} joins {group!r}, and"
        )
        near = nearest(kind, [each])
        raise Refused(
            f"{who} does not handle {kind!r}, so it would close its sockets. "
            f"{f'Nearest: {near}. ' if near else 'It handles no event. '}"
            "Choose a --type that all of them handle, or --force handlers where it is not in there."
        )


async def intact(layer: LayerAdapter, event: dict[str, Any]) -> None:
    """Refuse an event that the layer's serializer would not bring back as it was."""
    try:
        back = await layer.echo(event)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused(
            f"The serializer of the channel layer {layer} cannot carry the event: {error}. "
            "Use text, numbers, true, false, none, lists and dicts with text as keys."
        ) from error
    changed = [key for key in event if key not in back or not alike(back[key], event[key])]
    if changed or len(back) != len(event):
        raise Refused(
            f"The event does not survive the serializer of the channel layer {layer}: "
            f"{', '.join(map(repr, changed)) or 'its keys'} would arrive changed."
        )


async def fits(layer: LayerAdapter, event: dict[str, Any]) -> bool:
    """Refuse what the server would not take; tells whether anybody knows what it takes."""
    size = layer.size(event)
    if size is None or size <= _SMALL:
        return size is not None
    most = await layer.size_limit()
    if most is not None and size > most:
        raise Refused(
            f"The event has {size:,} bytes, and the server of the channel layer {layer} takes "
            f"{most:,} at the most. Say less, or --force size."
        )
    return most is not None


async def readable(layer: LayerAdapter, groups: Sequence[str]) -> bool:
    """Refuse to send where what is queued for these groups cannot be read: nor could ours be.

    A few are looked at; tells whether anything was there to see.
    """
    try:
        waiting = await layer.queued(groups[:_LOOKED_AT])
    except Unsupported:  # the server does not let us look
        return False
    for queue, arrival in waiting:
        if arrival.problem:
            raise Refused(
                f"What is queued in {queue!r} is {arrival.problem}: with another key or "
                "serializer, the event would close the sockets there. Correct CHANNEL_LAYERS "
                "here, or --force codec."
            )
    return bool(waiting)


def plain(message: str) -> None:
    """Refuse control characters, which some client might obey."""
    for place, letter in enumerate(message):
        if unicodedata.category(letter) == "Cc" and letter not in _ALLOWED:
            raise Refused(
                f"The message has a control character, {letter!r}, as its letter {place + 1}. "
                "Leave it out, or --force control."
            )
