"""Open a socket to a running site, as a browser does, and say what stands in the way."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from chatops.errors import hidden
from chatops.model.answer import Shut
from chatops.model.finding import Finding
from chatops.model.rules.application import FOREIGN, HANDSHAKE, ROUND
from chatops.model.visit import Visit
from chatops.model.wanted import Wanted
from chatops.operations.conversation import Script, Talk, script, talk
from chatops.operations.obstacles import meaning, obstacle
from chatops.visit import Door, Socket, opened

MOMENT = 1.5
"""Seconds that a socket must stay open; Daphne looks once a second for consumers that died."""

_STRANGER = "https://chatops.invalid"
_QUIET = Script(says=(), expect=None)
_NORMAL = 1000
_NOT_TRIED = f"not tried, because the {HANDSHAKE.name} failed"


async def handshake(visit: Visit, wanted: Wanted) -> list[Finding]:
    """Make the handshake that `visit` asks for, then one from elsewhere, then say what it says.

    Each waits `wanted.timeout` at most; after one that was refused, all questions why do together.
    """
    if not any(wanted.takes(rule.id) for rule in (HANDSHAKE, FOREIGN, ROUND)):
        return []
    loop = asyncio.get_running_loop()
    started = loop.time()
    door = front(visit)
    lines = script(visit) if wanted.takes(ROUND.id) else _QUIET
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(opened(door, wanted.timeout))
        took = loop.time() - started
        if isinstance(answer, Shut):
            shut = await obstacle(visit, door, answer, started + wanted.timeout)
            found = [shut, FOREIGN.unknown(_NOT_TRIED), _not_said(lines)]
        else:
            patience = wanted.timeout if lines.expect else MOMENT
            said, stranger = await asyncio.gather(
                talk(answer, lines, patience), _from_elsewhere(door, wanted)
            )
            found = [_opened(took, lines, said), stranger, _came_round(lines, said, patience)]
    return [each for each in found if wanted.takes(each.id)]


def front(visit: Visit) -> Door:
    """Return the door that the visit is to go through."""
    wishes = [value for name, value in visit.headers if name.lower() == "sec-websocket-protocol"]
    offered = [each.strip() for value in wishes for each in value.split(",") if each.strip()]
    return Door(
        url=visit.url,
        origin=visit.own_origin if visit.origin is None else visit.origin or None,
        headers=[each for each in visit.headers if each[0].lower() != "sec-websocket-protocol"],
        subprotocols=offered,
    )


def _opened(took: float, lines: Script, said: Talk) -> Finding:
    """Judge the handshake; a close after something was said is judged with that."""
    milliseconds = round(took * 1000, 1)
    ended = said.closed is not None and not (said.closed.code == _NORMAL and said.frames)
    if said.closed is not None and ended and not lines.says:
        detail, fix = meaning(said.closed)
        return HANDSHAKE.fail(f"accepted, then closed at once with {detail}", fix)
    return HANDSHAKE.ok(f"accepted in {milliseconds} ms", value=milliseconds, unit="ms")


def _not_said(lines: Script) -> Finding:
    return _nothing_expected(lines) if lines.expect is None else ROUND.unknown(_NOT_TRIED)


def _nothing_expected(lines: Script) -> Finding:
    sent = "sent, but nothing was expected" if lines.says else "nothing was asked for"
    return ROUND.none(f"{sent}: see --send, --expect and --chat")


async def _from_elsewhere(door: Door, wanted: Wanted) -> Finding:
    """Knock with the origin of a page that is nobody's."""
    if not wanted.takes(FOREIGN.id):
        return FOREIGN.none("not asked for")
    async with opened(replace(door, origin=_STRANGER), wanted.timeout) as answer:
        if isinstance(answer, Socket):
            said = await talk(answer, _QUIET, MOMENT)
            if said.closed is None:
                return FOREIGN.warn(f"Origin {_STRANGER} is let in as well")
            return FOREIGN.ok(f"Origin {_STRANGER} is closed with {said.closed.code}")
        if answer.status is not None and 400 <= answer.status < 500:  # noqa: PLR2004 - a refusal
            return FOREIGN.ok(f"Origin {_STRANGER} is refused with {answer.status}")
        return FOREIGN.unknown(f"Origin {_STRANGER} got neither yes nor no: {answer.said}")


def _came_round(lines: Script, said: Talk, patience: float) -> Finding:
    if lines.expect is None and not (lines.says and said.closed and said.closed.code != _NORMAL):
        return _nothing_expected(lines)
    if said.seconds is not None:
        milliseconds = round(said.seconds * 1000, 1)
        return ROUND.ok(f"came back in {milliseconds} ms", value=milliseconds, unit="ms")
    if said.refused is not None:
        return ROUND.fail(f"the chat said no: {hidden(said.refused)}", "Do what its answer says.")
    if said.closed is not None:
        detail, fix = meaning(said.closed)
        return ROUND.fail(f"the socket was closed with {detail}", fix)
    heard = f"{said.frames} came, the last: {said.last}" if said.frames else "none came"
    return ROUND.fail(f"nothing matched {lines.expect} within {patience:g} s; of frames, {heard}")
