"""What somebody who comes into a room missed."""

from chat.live.hall import Hall
from chat.live.lookout import AT_ONCE
from chat.records import database, history, rules
from chat.records.history import Page
from chat.records.rules import Rules


async def missed(hall: Hall, after: int) -> Page:
    """Return what was said after a number, up to where the hall is, which then has its rules.

    Raises one of `database.AWAY`.
    """
    if not after and hall.rules is not None and (known := hall.newest()):
        return known
    page, held = await database.reading.run(lambda: _read(hall, after))
    if held is not None:
        hall.ruled(held, ())
    hall.begin(page, newest=not after)
    while not hall.covers(page.last):  # more was said meanwhile than is kept
        more = await database.reading.run(
            lambda: history.run(hall.name, page.last, AT_ONCE)  # noqa: B023 - awaited here
        )
        hall.caught_up(more)
        page = Page(
            messages=(page.messages + more.messages)[-2 * history.MISSED :],
            last=more.last,
            gap=page.gap,
            more=page.more,
            erased=page.erased,
        )
    return page


def _read(hall: Hall, after: int) -> tuple[Page, Rules | None]:
    held = rules.read(hall.name) if hall.rules is None else None
    return history.since(hall.name, after), held
