"""What a client may say over its socket, read defensively."""

import json
import unicodedata
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qs

MAX_BYTES = 64 * 1024
MAX_TEXT = 4000
MAX_REF = 64
MAX_NUMBER = 2**53  # beyond which JavaScript cannot count


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A wish to say something; `ref` is the client's own id for it."""

    text: str
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A wish to be called something else, not yet judged."""

    name: str
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A wish to know that the server is still there."""

    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """A wish to read the page that ends before a number."""

    before: int
    ref: str | None = None


Asked = Say | Rename | Ping | Older


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
        raise Refused("frame_too_big", "That frame is too big; the limit is 64 kB.")
    body = _object(text)
    ref = _ref(body)
    if "message" in body:
        return Say(text=_text(body["message"], ref), ref=ref)
    if "name" in body:
        name = body["name"]
        if not isinstance(name, str):
            raise Refused("type", "“name” must be text.", ref)
        return Rename(name=name, ref=ref)
    if "ping" in body:
        return Ping(ref=ref)
    if "before" in body:
        return Older(before=_number(body["before"], ref), ref=ref)
    raise Refused("unknown", "Send an object with “message” or “name”.", ref)


def _object(text: str) -> dict[str, object]:
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # ValueError: also an integer of too many digits
        raise Refused("json", "That was not valid JSON.") from None
    if not isinstance(body, dict):
        raise Refused("type", 'Send a JSON object, such as {"message": "hi"}.')
    return body


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _ref(body: dict[str, object]) -> str | None:
    ref = body.get("ref")
    if ref is None:
        return None
    if not isinstance(ref, str) or len(ref) > MAX_REF or not (ref.isascii() and ref.isprintable()):
        raise Refused("ref", f"“ref” must be at most {MAX_REF} printable ASCII characters.")
    return ref


def _number(value: object, ref: str | None) -> int:
    if type(value) is not int or not 0 < value <= MAX_NUMBER:
        raise Refused("type", "“before” must be the number of a message.", ref)
    return value


def after(query: bytes) -> int:
    """Read the number that a client has already heard; 0, for nothing, where it is odd."""
    given = parse_qs(query.decode("latin-1")).get("after", [""])[0]
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(MAX_NUMBER))):
        return 0
    return int(given) if int(given) <= MAX_NUMBER else 0


def _text(value: object, ref: str | None) -> str:
    if not isinstance(value, str):
        raise Refused("type", "“message” must be text.", ref)
    text = clean_text(value)
    if any("\ud800" <= character <= "\udfff" for character in text):
        # JSON can spell half a character; no UTF-8 can carry it further.
        raise Refused("unicode", "The message has half of a character (a lone surrogate).", ref)
    if not any(_visible(character) for character in text):
        raise Refused("empty", "The message is empty.", ref)
    if len(text) > MAX_TEXT:
        raise Refused("too_long", f"The message is longer than {MAX_TEXT} characters.", ref)
    return text


def _visible(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) != "Cf"


def clean_text(text: str) -> str:
    """Return text with plain line ends and no control characters but tab and newline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\t\n" or unicodedata.category(c) != "Cc")
