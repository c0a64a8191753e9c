"""What can go wrong that a user can act on, and what it means to the shell."""

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


class ChatopsError(Exception):
    """Something a user can act on; the message names the culprit and the way out."""

    exit: Exit = Exit.USAGE


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


class LayerAway(ChatopsError):
    """The channel layer did not answer."""

    exit = Exit.NO_ANSWER


class Unsupported(ChatopsError):
    """This channel layer cannot do that."""

    exit = Exit.CANNOT


class OverCapacity(ChatopsError):
    """The channel's queue is full."""

    exit = Exit.NO


class TimeRanOut(ChatopsError):
    """The time was over before what was asked for had happened."""

    exit = Exit.TIME_RAN_OUT
