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
    """Refuse what would close sockets: not every consumer in one of the groups can handle it.

    One that handles the type may lack a field that it reads. In a group is each consumer whose
    code can join one of that name. Where it is none of them, other code adds them, nobody knows
    which, and one that handles it is enough.
    """
    others = [each for each in consumers if not each.takes(event)]
    if len(others) == len(consumers):
        raise _by_nobody(event, consumers)
    for group in groups if others else ():
        _handled_in(group, event, others)


def _by_nobody(event: Mapping[str, Any], consumers: Sequence[Consumer]) -> Refused:
    kind = event["type"]
    for each in consumers:
        if lacks := each.lacks(event):
            return Refused(
                f"{each.name} handles {kind!r} by {_keys(lacks)}, which the event has not, so it "
                "would close every socket in the room.",
                "Set CHATOPS['BROADCAST_EVENT'], or write it into --event.",
            )
    near = nearest(kind, consumers)
    helps = any(not each.lacks(event, type_) for each in consumers for type_ in each.handled)
    return Refused(
        f"No consumer that the ASGI application routes to handles {kind!r}, so it would close "
        f"every socket in the room. {f'Nearest: {near}.' if near else 'They handle no event.'}",
        f"Set CHATOPS['BROADCAST_EVENT'] {'or --type to a type' if helps else 'to an event'} "
        "that is handled.",
    )


def _keys(lacks: frozenset[str]) -> str:
    return " and ".join(f"event[{key!r}]" for key in sorted(lacks))


def _handled_in(group: str, event: Mapping[str, Any], others: Sequence[Consumer]) -> None:
    kind = event["type"]
    for each in others:
        groups = each.groups
        if groups is not None and not any(re.fullmatch(name, group) for name in groups):
            continue
        who = (
            f"Which groups {each.name} joins cannot be read from its code, and it"
            if groups is None
            else f"{each.name} joins {group!r}, and"
        )
        if lacks := each.lacks(event):
            raise Refused(
                f"{who} reads {_keys(lacks)}, which the event has not, so it would close its "
                "sockets.",
                "Write it into the event, or --force handlers where it is not in there.",
            )
        near = nearest(kind, [each])
        raise Refused(
            f"{who} does not handle {kind!r}, so it would close its sockets. "
            f"{f'Nearest: {near}.' if near else 'It handles no event.'}",
            "Choose a --type that all of them handle, or --force handlers where it is in none.",
        )


async def intact(layer: LayerAdapter, event: dict[str, Any]) -> None:
    """Refuse an event that the layer's serializer would not bring back as it was."""
    try:
        back = await layer.echo(event)
    except OverflowError as error:
        raise Refused(
            f"The serializer of the channel layer {layer} cannot carry the event: a number in it "
            "is too large. Write it as text."
        ) from error
    except (TypeError, ValueError) as error:
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


async def readable(layer: LayerAdapter, groups: Sequence[str], *, longer: bool = False) -> bool:
    """Refuse to send where what is queued for these groups cannot be read: nor could ours be.

    A few are looked at, and where that is not enough and we may take `longer`, what passes by;
    tells whether anything was there to see.
    """
    try:
        waiting = await layer.queued(groups[:_LOOKED_AT])
        if longer and not waiting:
            waiting = await layer.passing()
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


def proved() -> Refused:
    """Say what it needs where nothing shows that the application could read what we send."""
    return Refused(
        "Nothing that is queued or passes by shows that the application has this key and "
        "serializer, and what it cannot read closes every socket in the room. Where it surely has "
        "them, say --same-codec."
    )


def plain(value: Any, what: str = "The message") -> None:  # noqa: ANN401 - what an event holds
    """Refuse control characters in any text of this, which some client might obey."""
    match value:
        case str():
            _plain(value, what)
        case Mapping():
            for key, each in value.items():
                plain(key, "A name in the event")
                plain(each, f"The event's {key!r}")
        case list() | tuple():
            for each in value:
                plain(each, what)


def _plain(text: str, what: str) -> None:
    if text.isprintable():
        return
    for place, letter in enumerate(text):
        if unicodedata.category(letter) == "Cc" and letter not in _ALLOWED:
            raise Refused(
                f"{what} has a control character, {letter!r}, as its letter {place + 1}. "
                "Leave it out, or --force control."
            )
