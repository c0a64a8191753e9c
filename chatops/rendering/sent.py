"""What a broadcast did, as lines for people; drawn without a library, as there may be many."""

from chatops.model.broadcast import Broadcast, Sent, Summary
from chatops.model.receipt import Receipt
from chatops.model.room import Reach, Unit
from chatops.rendering.paint import Paint
from chatops.rendering.reach import counted
from chatops.rendering.shape import cut
from chatops.rendering.visible import visible

_GOOD = {Sent.SENT: "green", Sent.PLANNED: "cyan"}
_ELSE = ("dropped", "empty", "failed", "unsure", "unsent")


def sent_line(value: Broadcast, paint: Paint) -> str:
    """Return the line of one room."""
    lacks = value.ghosts or (value.receipt is not None and not value.receipt.is_complete)
    color = "yellow" if lacks else _GOOD.get(value.status, "red")
    status = paint(color, f"{value.status.value:<8}")
    return f"{status}{visible(value.room or value.group)}{paint('dim', _more(value))}\n"


def _more(value: Broadcast) -> str:
    if value.status is Sent.SENT:
        told = "" if value.receipt is None else f"; {_answered(value.receipt)}"
        gone = f", {value.ghosts} of them of processes that are gone" if value.ghosts else ""
        return f"  reached {counted(value.reach)}{gone}{told}"
    if value.status is Sent.PLANNED:
        size = "" if value.bytes is None else f"{value.bytes} bytes "
        return f"  would reach {counted(value.reach)}: {size}{cut(repr(value.event))}"
    return f"  {visible(value.reason)}" if value.reason else ""


def _answered(receipt: Receipt) -> str:
    if not receipt.answered:
        return "nobody answered"
    if receipt.of is None:
        told = _sockets(receipt.wrote)
    else:
        told = f"{receipt.wrote} of {_sockets(receipt.of)}"
    failed = f", {receipt.failed} failed" if receipt.failed else ""
    return f"{told}{_among(receipt)} wrote it{failed}"


def _among(receipt: Receipt) -> str:
    """Say how many answered, where that is something else than the sockets."""
    if receipt.expected is None or receipt.unit is None:
        return ""
    are_members = (
        receipt.of == receipt.expected and receipt.answered == receipt.wrote + receipt.failed
    )
    if receipt.unit is Unit.MEMBERS and are_members:
        return ""
    where = "in" if receipt.unit is Unit.PROCESSES else "behind"
    expected = Reach(count=receipt.expected, unit=receipt.unit)
    return f" {where} {receipt.answered} of {counted(expected)}"


def _rooms(count: int) -> str:
    return "1 room" if count == 1 else f"{count} rooms"


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count} messages"


def _sockets(count: int) -> str:
    return "1 socket" if count == 1 else f"{count} sockets"


def summary_line(value: Summary, paint: Paint) -> str:
    """Return the line that ends it."""
    rooms = _rooms(value.rooms)
    if value.messages is not None:
        rooms = f"{value.rooms} {'delivery' if value.rooms == 1 else 'deliveries'}"
        rooms += f" of {_messages(value.messages)}"
    if value.planned:
        told = f"{rooms} planned; nothing was sent"
    else:
        told = f"{value.sent} of {rooms} in {value.seconds:.2f} s"
    counts = [(getattr(value, word), word) for word in _ELSE]
    counts += [(value.earlier, "sent earlier")]
    told += "".join(f", {count} {word}" for count, word in counts if count)
    if value.refused:
        told += f", {_messages(value.refused)} not sent"
    if value.wrote is not None:
        told += f"; {_sockets(value.wrote)} wrote it"
    if value.unconfirmed:
        told += f", not all of {_rooms(value.unconfirmed)}"
    line = paint("dim", told)
    if "handlers" in value.unknown:
        line += paint("yellow", "; no consumer could be asked whether it handles this")
    if "size" in value.unknown:
        line += paint("yellow", "; the server would not say how large an event may be")
    return f"{line}\n"
