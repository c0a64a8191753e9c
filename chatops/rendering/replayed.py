"""What a replay says of its recording, and of itself at the end."""

from rich.text import Text

from chatops.model.recorded import Flaw
from chatops.model.replayed import Replay
from chatops.rendering.visible import visible

_NOT_SENT = ("empty", "dropped", "failed", "unsure", "unreadable")


def flaw_text(flaw: Flaw) -> Text:
    """Draw where a recording is damaged."""
    last = flaw.line if flaw.lines is None else flaw.line + flaw.lines - 1
    where = f"line {flaw.line}" if last == flaw.line else f"lines {flaw.line} to {last}"
    end = ", and all that follows" if flaw.lines is None else ""
    return Text(f"── damaged: {where}{end}: {visible(flaw.reason)}", style="yellow")


def replay_text(replay: Replay) -> Text:
    """Draw the last line."""
    messages = "1 message" if replay.messages == 1 else f"{replay.messages} messages"
    if not replay.messages:
        return Text("The recording has no such message to send.", style="dim")
    what = f"{replay.planned} of {messages} would go out" if replay.planned else None
    line = Text(what or f"{replay.sent} of {messages} in {replay.seconds:.2f} s", style="dim")
    for word in _NOT_SENT:
        if count := getattr(replay, word):
            line.append(f", {count} {word}")
    for count, word in ((replay.gaps, "gap"), (replay.flaws, "damaged place")):
        if count:
            line.append(f"; {count} {word}{'s' if count > 1 else ''} in the recording")
    if replay.interrupted:
        until = replay.until and f" at {replay.until.astimezone():%Y-%m-%d %H:%M:%S} of it"
        line.append(f"; interrupted{until or ' before the first'}", style="bold red")
    if replay.skipped:
        line.append(f"; not checked: {', '.join(replay.skipped)}", style="yellow")
    elif not replay.handlers_checked:
        line.append("; no consumer could be asked whether it handles this", style="yellow")
    return line
