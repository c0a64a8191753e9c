"""What is said on a socket, and what must come back."""

import asyncio
import json
import secrets
from dataclasses import dataclass

from chatops.model.answer import Closed
from chatops.model.expression import Expression, expression
from chatops.model.visit import Visit
from chatops.visit import Socket

NAME = "chatops check"
"""Who we are in a room of our own chat."""

TEXT = "A check by chatops: please ignore."
"""What we say there."""

_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The texts to say, and the frame to wait for; `refusal` is a frame that says no."""

    says: tuple[str, ...]
    expect: Expression | None
    refusal: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What came of it: `seconds` until the frame came, `None` where it did not."""

    seconds: float | None
    closed: Closed | None
    refused: str | None
    frames: int
    last: str


def script(visit: Visit) -> Script:
    """Say what the options ask for; our own chat's part is in its PROTOCOL.md."""
    if visit.chat_room is None:
        says = () if visit.send is None else (visit.send,)
        return Script(says=says, expect=visit.expect)
    ref = f"chatops-{secrets.token_hex(8)}"
    return Script(
        says=(json.dumps({"name": NAME}), json.dumps({"message": TEXT, "ref": ref})),
        expect=expression(f"type == 'message' && ref == '{ref}'"),
        refusal=expression(f"type == 'error' && (ref == '{ref}' || !ref)"),
    )


async def talk(socket: Socket, script: Script, patience: float) -> Talk:
    """Say the script's texts, and listen until its frame comes, the socket ends or time is over.

    Without a frame to wait for, this only tells whether the socket stays open.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    seconds, closed, refused, frames, last = None, None, None, 0, ""
    try:
        async with asyncio.timeout(patience):
            for text in script.says:
                await socket.say(text)
            while seconds is None and refused is None:
                frame = await socket.heard()
                if isinstance(frame, Closed):
                    closed = frame
                    break
                frames, last = frames + 1, _short(frame)
                value = _read(frame)
                if script.expect and script.expect.matches(value):
                    seconds = loop.time() - started
                elif script.refusal and script.refusal.matches(value):
                    refused = _said(value) or last
    except TimeoutError:
        pass  # what was heard until then is the answer
    return Talk(seconds=seconds, closed=closed, refused=refused, frames=frames, last=last)


def _read(frame: str | bytes) -> object:
    try:
        return json.loads(frame)
    except ValueError:
        return None


def _said(value: object) -> str | None:
    """Return what an error of our own chat says to people."""
    return str(value["message"]) if isinstance(value, dict) and "message" in value else None


def _short(frame: str | bytes) -> str:
    text = frame if isinstance(frame, str) else repr(frame[:_LONGEST])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
