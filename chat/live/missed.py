"""What somebody who comes into a room missed."""

from dataclasses import replace

from chat.live.hall import Hall
from chat.records import database, history, rules
from chat.records.history import Page
from chat.records.rules import Rules


async def missed(hall: Hall, after: int) -> Page:
    """Return what was said after a number, up to where the hall is, which then has its rules.

    Of many who come at once one asks the database. Raises one of `database.AWAY`.
    """
    if (known := hall.missed(after)) is not None:
        return known
    unheard_of = False
    async with hall.asked:
        while (known := hall.missed(after)) is None:  # or more was said meanwhile than is kept
            said, held = await database.reading.run(lambda: _read(hall, after))  # noqa: B023 - awaited here
            if held is not None:
                hall.ruled(held, ())
            hall.begin(said)
            if after > said.last:
                after, unheard_of = 0, True
    return replace(known, gap=True) if unheard_of else known


def _read(hall: Hall, after: int) -> tuple[Page, Rules | None]:
    held = rules.read(hall.name) if hall.rules is None else None
    return history.lately(hall.name, after), held
