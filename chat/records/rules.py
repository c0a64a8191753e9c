"""What holds in one room: for whom it is locked, and who may not speak or come in. It blocks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.dateformat import format as dated
from django.utils.translation import gettext as _

from chat.models import Act, Restriction, RoomState

ISOLATE, ISOLATED = "\u2068", "\u2069"
"""Around what people wrote, so that its direction does not turn the sentence that it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Something that one person may not do, until a moment or for ever."""

    until: datetime | None
    why: str

    @property
    def in_force(self) -> bool:
        """Whether it has not run out."""
        return self.until is None or self.until > timezone.now()

    def told(self, what: str) -> str:
        """Say what it means, for people, with its end and the reason where there are any."""
        parts = [what]
        if self.until:
            at = {"time": dated(self.until, "H:i"), "day": dated(self.until, "j F")}
            parts.append(_("It ends at %(time)s on %(day)s (UTC).") % at)
        if self.why:
            parts.append(_("Why: %(why)s") % {"why": f"{ISOLATE}{self.why}{ISOLATED}"})
        return " ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A room's rules as of its act number `act`."""

    act: int = 0
    locked: bool = False
    barred: bool = False
    muted: Mapping[str, Ban] = field(default_factory=dict)
    expelled: Mapping[str, Ban] = field(default_factory=dict)

    def silence(self, author: str, *, staff: bool, guest: bool) -> str | None:
        """Return why somebody may not speak, for people; None where they may."""
        ban = self.muted.get(author)
        if ban is not None and ban.in_force:
            return ban.told(_("You are muted in this room."))
        if self.locked and not staff:
            return _("This room is locked: only staff can write here for now.")
        if self.barred and guest:
            return _("Only people who are signed in can write here for now.")
        return None

    def exile(self, author: str) -> str | None:
        """Return why somebody may not be here, for people; None where they may."""
        ban = self.expelled.get(author)
        return exiled(ban) if ban is not None and ban.in_force else None


def exiled(ban: Ban | Restriction) -> str:
    """Say that somebody was removed."""
    held = Ban(until=ban.until, why=ban.why)
    return held.told(_("You were removed from this room."))


def read(room: str) -> Rules:
    """Return what holds in a room now."""
    state = RoomState.objects.filter(name=room).first()
    bans: dict[str, dict[str, Ban]] = {"mute": {}, "expel": {}}
    for row in Restriction.objects.in_force().filter(room=room):
        bans[row.kind][row.author] = Ban(until=row.until, why=row.why)
    return Rules(
        act=state.acts if state else 0,
        locked=state.locked if state else False,
        barred=state.barred if state else False,
        muted=bans["mute"],
        expelled=bans["expel"],
    )


def erased_since(room: str, act: int) -> list[int]:
    """Return the numbers of the messages that were removed after an act, newest first."""
    acts = Act.objects.filter(room=room, id__gt=act, kind=Act.Kind.ERASE)
    return [number for number in acts.values_list("number", flat=True)[:1000] if number]
