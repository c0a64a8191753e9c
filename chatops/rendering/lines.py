"""A message as a line for people, drawn without a library: hundreds of thousands a second."""

from collections.abc import Callable
from datetime import datetime

from chatops.model.channel import Received, Silence
from chatops.model.message import Gap, Heard, Message
from chatops.rendering.look import Raw
from chatops.rendering.paint import Paint
from chatops.rendering.shape import cut, values, what, who
from chatops.rendering.visible import visible

Clock = Callable[[datetime], str]

_KEPT = 10_000
"""So many beginnings of lines are kept, because the wire decides how many there are."""


def clock(moment: datetime) -> str:
    """Return the time of day here."""
    return moment.astimezone().strftime("%H:%M:%S")


def clock_since(start: datetime) -> Clock:
    """Return what tells the seconds since `start`."""

    def relative(moment: datetime) -> str:
        return f"{(moment - start).total_seconds():+.3f}"

    return relative


class Lines:
    """One line a message: time, room, type, who, text; and one a gap."""

    def __init__(self, paint: Paint, tell: Clock = clock, raw: Raw | None = None) -> None:
        self._paint = paint
        self._tell = tell
        self._raw = raw
        self._places: dict[tuple[str, str | None], str] = {}

    def lines(self, heard: Heard) -> str:
        """Return the lines, each with its end."""
        moment, told, drawn = None, "", []
        for each in heard:
            if isinstance(each, Gap):
                drawn.append(self.gap(each))
                continue
            if each.seen_at is not moment:  # many have the same one
                moment = each.seen_at
                told = self._paint("dim", self._tell(moment))
            place = self._places.get((each.group, each.type)) or self._place(each)
            drawn.append(f"{told}{place}{self._said(each)}\n")
        return "".join(drawn)

    def gap(self, gap: Gap) -> str:
        """Return the line of a gap."""
        missed = "messages may be missing" if gap.missed is None else _counted(gap.missed)
        during = "" if gap.seconds is None else f" in {gap.seconds:.1f} s"
        place = gap.room or gap.group
        where = f" in {visible(place)}" if place else ""
        line = f"── gap{where}: {missed}{during}: {visible(gap.reason)}"
        return f"{self._paint('yellow', line)}\n"

    def _place(self, message: Message) -> str:
        if len(self._places) >= _KEPT:
            self._places.clear()
        room = self._paint("cyan", cut(message.room or message.group))
        type_ = self._paint("magenta", cut(message.type or "?"))
        self._places[message.group, message.type] = place = f" {room} {type_} "
        return place

    def _said(self, message: Message) -> str:
        if self._raw is not None:
            return self._raw.told(message.payload) or "-"
        if message.problem:
            return self._paint("red", cut(message.problem))
        said = what(message.body)
        if said is None:
            return cut(values(message.body))
        name = who(message.body)
        return f"{self._paint('bold', f'{cut(name)}:')} {cut(said)}" if name else cut(said)


def on_channel(value: Received | Silence) -> Message | Gap:
    """Take what happened on a channel as what happens in a room."""
    if isinstance(value, Silence):
        return Gap(room=None, group=value.channel, seconds=value.seconds, reason=value.reason)
    return Message(
        None, value.channel, value.type, value.body, value.seen_at, value.bytes, value.problem
    )


def _counted(missed: int) -> str:
    return "1 message is missing" if missed == 1 else f"{missed} messages are missing"
