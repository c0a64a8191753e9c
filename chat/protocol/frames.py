"""What a client may say over its socket, read defensively."""

import json
import re
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from chat.protocol import invisible
from chat.protocol.asked import Asked, Do, Older, Ping, Rename, Say, Typing, Watch

MAX_BYTES = 64 * 1024
MAX_TEXT = 4000
MAX_REF = 64
MAX_WHY = 200
MAX_MINUTES = 525_600  # a year; without, it is for ever
OF_THE_ROOM = {"lock", "unlock", "bar", "unbar"}  # acts that are about nobody
MAX_NUMBER = 2**53  # beyond which JavaScript cannot count

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # Unicode's Cc but tab and newline
_HALVES = re.compile(r"[\ud800-\udfff]")
_ID = re.compile(r"[0-9a-f]{32}")


_Body = dict[str, object]


class Refused(ValueError):
    """The frame is not acted on: `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str, ref: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.ref = ref


def parse(text: str | None) -> Asked:
    """Read one frame; None stands for a binary one. Raises `Refused`."""
    if text is None:
        raise Refused("binary", "Binary frames are not understood; send JSON as text.")
    # A character is at least one byte: the huge ones are never encoded.
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise Refused("frame_too_big", _("That frame is too big; the limit is 64 kB."))
    body = _object(text)
    ref = _ref(body)
    for field, read in _READERS.items():
        if field in body:
            return read(body, ref)
    raise Refused("unknown", "Send an object with “message” or “name”.", ref)


def _object(text: str) -> _Body:
    try:
        body = _JSON.decode(text)
    except (ValueError, RecursionError):  # ValueError: also an integer of too many digits
        raise Refused("json", "That was not valid JSON.") from None
    if not isinstance(body, dict):
        raise Refused("type", 'Send a JSON object, such as {"message": "hi"}.')
    return body


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def _ref(body: _Body) -> str | None:
    ref = body.get("ref")
    if ref is None:
        return None
    if not isinstance(ref, str) or len(ref) > MAX_REF or not (ref.isascii() and ref.isprintable()):
        raise Refused("ref", f"“ref” must be at most {MAX_REF} printable ASCII characters.")
    return ref


def _number(value: object, field: str, ref: str | None) -> int:
    if type(value) is not int or not 0 < value <= MAX_NUMBER:
        raise Refused("type", f"“{field}” must be the number of a message.", ref)
    return value


def _act(body: _Body, ref: str | None) -> Do:
    act, number, person = body["act"], body.get("number"), body.get("person")
    minutes, why = body.get("minutes"), body.get("why", "")
    if not (isinstance(act, str) and isinstance(why, str)):
        raise Refused("type", "“act” and “why” must be text.", ref)
    if person is not None and not (isinstance(person, str) and _ID.fullmatch(person)):
        raise Refused("type", "“person” must be the id of a person.", ref)
    if minutes is not None and (type(minutes) is not int or not 0 < minutes <= MAX_MINUTES):
        raise Refused("type", f"“minutes” must be a number from 1 to {MAX_MINUTES}.", ref)
    if minutes is not None and act not in {"mute", "expel"}:
        raise Refused("type", "“minutes” goes with “mute” and “expel” only.", ref)
    if number is None and (act == "erase" or (person is None and act not in OF_THE_ROOM)):
        needed = "“number”" if act == "erase" else "“person” or “number”"
        raise Refused("type", f"“{act[:MAX_REF]}” needs a {needed}.", ref)
    return Do(
        act=act,
        number=None if number is None else _number(number, "number", ref),
        person=person,
        minutes=minutes,
        why=" ".join(clean_text(why).split())[:MAX_WHY].encode("utf-8", "replace").decode(),
        ref=ref,
    )


def after(query: bytes) -> int:
    """Read the number that a client has already heard; 0, for nothing, where it is none."""
    given = parse_qs(query.decode("latin-1")).get("after", [""])[0]
    if not (given.isascii() and given.isdigit()):
        return 0
    return min(int(given[:20]), MAX_NUMBER)  # no room is that far


def _say(body: _Body, ref: str | None) -> Say:
    return Say(text=_text(body["message"], ref), ref=ref)


def _rename(body: _Body, ref: str | None) -> Rename:
    name = body["name"]
    if not isinstance(name, str):
        raise Refused("type", "“name” must be text.", ref)
    return Rename(name=name, ref=ref)


def _older(body: _Body, ref: str | None) -> Older:
    return Older(before=_number(body["before"], "before", ref), ref=ref)


def _text(value: object, ref: str | None) -> str:
    if not isinstance(value, str):
        raise Refused("type", "“message” must be text.", ref)
    text = clean_text(value)
    if _HALVES.search(text):
        # JSON can spell half a character; no UTF-8 can carry it further.
        text = _("The message has half of a character (a lone surrogate).")
        raise Refused("unicode", text, ref)
    if not any(_visible(character) for character in text):
        raise Refused("empty", _("The message is empty."), ref)
    if len(text) > MAX_TEXT:
        text = _("The message is longer than %(most)s characters.") % {"most": MAX_TEXT}
        raise Refused("too_long", text, ref)
    return text


def _visible(character: str) -> bool:
    return not (character.isspace() or invisible.is_blank(character))


def clean_text(text: str) -> str:
    """Return text with plain line ends and no control characters but tab and newline."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


# By the field that tells what is asked; the first that a frame has counts.
_READERS: dict[str, Callable[[_Body, str | None], Asked]] = {
    "message": _say,
    "name": _rename,
    "ping": lambda _, ref: Ping(ref=ref),
    "before": _older,
    "people": lambda _, ref: Watch(ref=ref),
    "typing": lambda _, ref: Typing(ref=ref),
    "act": _act,
}
