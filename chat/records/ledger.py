"""Writing down who comes, goes, and is called what, for many at once. It blocks.

Each transaction that changes who is in a room has a number there, one above the last, and what
it changed goes to the room's group with it: whoever misses a number reads the room afresh.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import connection, transaction

from chat.models import Presence, Restriction
from chat.protocol.attendance import Answer, Arrive, Change, Leave, Rename, Seat, Wish
from chat.records import claims, rows
from chat.records.claims import Claims
from chat.records.store import lock


def attend(server: UUID, wishes: Sequence[Wish]) -> tuple[list[Answer], dict[str, Change], bool]:
    """Do what each wishes, in order, in one transaction; return what changed in which room.

    Last, whether the server's row was still there, and with it all who came before.
    """
    seats = [wish.seat for wish in wishes]
    with transaction.atomic():
        changes = _locked({seat.room for seat in seats})
        named = [wish.seat for wish in wishes if not isinstance(wish, Leave)]
        taken = Claims((seat.room, seat.name) for seat in named if seat.guest)
        expelled = _expelled(wish.seat for wish in wishes if isinstance(wish, Arrive))
        answers = []
        for wish in wishes:
            answer = Answer(expelled=expelled.get((wish.seat.room, wish.seat.author)))
            if answer.expelled is None:
                answer = Answer(_name(taken, wish))
            answers.append(answer)
            _note(changes[wish.seat.room], wish, answer)
        taken.write()
        there = _write(server, changes)
    return answers, {room: change for room, change in changes.items() if change}, there


def rewrite(server: UUID, seats: Iterable[Seat]) -> dict[str, Change]:
    """Write down all sockets of a server afresh, under the names that their people have by now."""
    seats = list(seats)
    written = Presence.objects.filter(server_id=server)
    with transaction.atomic():
        changes = _locked(
            {seat.room for seat in seats} | set(written.values_list("room", flat=True))
        )
        written.delete()
        for change in changes.values():
            change.whole = True
        taken = Claims((seat.room, seat.name) for seat in seats if seat.guest)
        elsewhere = _called({seat.author for seat in seats})
        for seat in seats:
            change = changes[seat.room]
            name = elsewhere.get((seat.room, seat.author)) or _name(taken, Arrive(seat))
            change.came[seat.key] = replace(seat, name=name or seat.name)
            if name != seat.name:
                change.renamed.append(change.came[seat.key])
        taken.write()
        _write(server, changes)
    return changes


def _called(authors: set[str]) -> dict[tuple[str, str], str]:
    here = Presence.objects.here().filter(person__in=authors)
    return {
        (room, author): name for room, author, name in here.values_list("room", "person", "name")
    }


def _locked(rooms: set[str]) -> dict[str, Change]:
    with connection.cursor() as cursor:
        return {room: Change() for room in lock(cursor, sorted(rooms))} if rooms else {}


def _expelled(arriving: Iterable[Seat]) -> dict[tuple[str, str], Restriction]:
    here = {(seat.room, seat.author) for seat in arriving}
    rooms = {room for room, _ in here}
    if not here or not rows.any_expelled(rooms):  # cheaper than to ask for each
        return {}
    expelled = Restriction.objects.in_force().filter(
        kind="expel", room__in=rooms, author__in={author for _, author in here}
    )
    return {(row.room, row.author): row for row in expelled}


def _name(taken: Claims, wish: Wish) -> str | None:
    seat = wish.seat
    if not seat.guest or isinstance(wish, Leave):
        return seat.name
    if isinstance(wish, Rename) and not wish.must:
        return seat.name if taken.claim(seat.room, seat.name, seat.author) else None
    return taken.claim_one(seat.room, seat.name, seat.author)


def _note(change: Change, wish: Wish, answer: Answer) -> None:
    seat = wish.seat
    if isinstance(wish, Leave):
        change.came.pop(seat.key, None)
        change.went[seat.key] = seat
    elif isinstance(wish, Arrive) and answer.name is not None:
        change.came[seat.key] = replace(seat, name=answer.name)
    elif isinstance(wish, Rename) and answer.name not in {None, wish.was}:
        change.came[seat.key] = replace(seat, name=answer.name or "")
        change.renamed.append(change.came[seat.key])


def _write(server: UUID, changes: dict[str, Change]) -> bool:
    """Write down what changed in all rooms, in few statements: a server's start fills them all.

    Tell whether the server's row was still there.
    """
    there = rows.alive(server)
    changed = {room: change for room, change in changes.items() if change}
    left = [seat for change in changed.values() for seat in change.went.values()]
    rows.went(left)
    for seat in (seat for change in changed.values() for seat in change.renamed):  # in all tabs
        theirs = Presence.objects.filter(room=seat.room, person=seat.author)
        were = set(theirs.values_list("name", flat=True)) - {seat.name}
        claims.release(replace(seat, name=name, lasting=False) for name in were)
        theirs.update(name=seat.name)
    claims.release(seat for seat in left if seat.guest)
    rows.came(server, [seat for change in changed.values() for seat in change.came.values()])
    for room, turn in rows.turns(changed).items():
        changed[room].turn = turn
    return there
