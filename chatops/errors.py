"""What can go wrong that a user can act on, and what it means to the shell."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, the same for every command."""

    DONE = 0
    NO = 1
    USAGE = 2
    PARTLY = 3
    NO_ANSWER = 4
    CANNOT = 5
    TIME_RAN_OUT = 6
    INTERRUPTED = 130


_WORST = (Exit.DONE, Exit.PARTLY, Exit.NO, Exit.NO_ANSWER)


def worse(one: Exit, other: Exit) -> Exit:
    """Return what two results together mean: no answer, else a no, else in part, else done."""
    return max(one, other, key=_WORST.index)


# Up to the last @, because a password may contain one, even where it should not.
_BEFORE_HOST = re.compile(r"(?<=://)\S*@")
_IN_QUERY = re.compile(r"(?i)\b(user(?:name)?|password|credential\w*)=[^&\s]*")


def hidden(text: str) -> str:
    """Replace user names and passwords in the URLs of a text by stars."""
    return _IN_QUERY.sub(r"\1=***", _BEFORE_HOST.sub("***@", text))


class ChatopsError(Exception):
    """Something a user can act on; the message names the culprit and the way out.

    What is secret in the URLs of a message is hidden, wherever the message came from.
    """

    exit: Exit = Exit.USAGE
    felt = False
    """Whether the application meets it too: the layer answered what consumers ask of it by no."""

    def __init__(self, message: str, fix: str | None = None) -> None:
        super().__init__(hidden(message))
        self.fix = fix

    @property
    def told(self) -> str:
        """The message, and what would help where that stands apart."""
        return f"{self} → {self.fix}" if self.fix else str(self)


class ProjectNotFound(ChatopsError):
    """No Django settings were named or found."""


class BrokenProject(ChatopsError):
    """The settings or the ASGI application cannot be loaded."""


class UnknownLayer(ChatopsError):
    """The alias is not in CHANNEL_LAYERS."""


class BrokenLayer(ChatopsError):
    """The channel layer cannot be built from its settings."""


class BadSetting(ChatopsError):
    """An entry of the CHATOPS setting is not what it should be."""


class BadValue(ChatopsError):
    """An argument or an option is malformed."""


class Refused(ChatopsError):
    """The guard said no before anything was sent."""

    exit = Exit.NO


class Unmatched(ChatopsError):
    """Nothing there is meant by what was asked for."""

    exit = Exit.NO


class LayerAway(ChatopsError):
    """The channel layer did not answer."""

    exit = Exit.NO_ANSWER


class LayerRaised(LayerAway):
    """The channel layer's own code broke."""


class LayerRefused(LayerAway):
    """The channel layer's server answered with an error."""


class Unsupported(ChatopsError):
    """This channel layer cannot do that."""

    exit = Exit.CANNOT


class OverCapacity(ChatopsError):
    """The channel's queue is full."""

    exit = Exit.NO


class TimeRanOut(ChatopsError):
    """The time was over before what was asked for had happened."""

    exit = Exit.TIME_RAN_OUT


class CommandFailed(ChatopsError):
    """A command that was to be run beside ours failed."""

    exit = Exit.NO


class Unwritable(ChatopsError):
    """Our output could not be written."""

    exit = Exit.NO


@contextmanager
def foreign(
    kind: type[ChatopsError], what: str, but: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn whatever code that is not ours raises into an error of ours, in one line.

    A project's module, a third party's layer and a serializer may raise anything, and exit too;
    this is the one place that catches everything. What is in `but` passes.
    """
    try:
        yield
    except ChatopsError:
        raise
    except but:
        raise
    except (Exception, SystemExit) as error:
        cause = error.__cause__
        because = f" ({cause})" if cause and str(cause) not in str(error) else ""
        said = " ".join(f"{type(error).__name__}: {error}{because}".split())
        raise kind(f"{what}: {said}") from error
