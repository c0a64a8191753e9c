"""What a client may ask for, as values."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A wish to be told who is in the room, now and whenever that changes."""

    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing:
    """A sign that the person is writing something."""

    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """A wish of staff; a person is named by their id, or by the number of what they said."""

    act: str
    number: int | None = None
    person: str | None = None
    minutes: int | None = None
    why: str = ""
    ref: str | None = None


Asked = Say | Rename | Ping | Older | Watch | Typing | Do
