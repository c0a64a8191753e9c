"""Members that get nothing: their process is gone, or they joined too long ago."""

import time
from collections.abc import Mapping

from chatops.layers.broker.consent import Unproven
from chatops.layers.broker.survey import Survey, process
from chatops.layers.broker.words import counted, lasting, some
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding
from chatops.model.rules.broker import DEAF, GHOSTS, RESIDUE

_OLD = 0.8


def ghosts(adapter: RedisAdapter, seen: Survey, alive: Mapping[str, bool]) -> Finding:
    """Count the members that have not expired and whose process does not answer."""
    since = time.time() - adapter.layer.group_expiry
    lost = [
        (group, channel)
        for group, channels in seen.members.items()
        for channel, joined in channels.items()
        if joined >= since and alive.get(process(channel)) is False
    ]
    processes = sorted({process(channel) for _, channel in lost})
    if not lost:
        living = sum(alive.values())
        return GHOSTS.ok(seen.note(f"{counted(living, 'process', 'processes')} answered"))
    groups = len({group for group, _ in lost})
    return GHOSTS.warn(
        seen.note(
            f"{counted(len(lost), 'member', 'members')} in {counted(groups, 'group', 'groups')}, "
            f"of {counted(len(processes), 'process that does', 'processes that do')} not "
            f"answer: {some(processes)}"
        ),
        value=len(lost),
        unit="members",
    )


def waiting(owners: int, readers: int, unproven: Unproven) -> Finding:
    """Count, where nobody may be asked, who waits for a message: each process that lives does."""
    have = f"{counted(owners, 'process has', 'processes have')} members"
    if not owners:
        return GHOSTS.ok("nobody is in a group")
    wait = f"{counted(readers, 'client waits', 'clients wait')} for a message"
    if readers >= owners:
        return GHOSTS.ok(f"{have}, and {wait}; {unproven}")
    return GHOSTS.warn(
        f"{have}, but only {wait}: {owners - readers} or more may be gone; {unproven}",
        unproven.fix,
    )


def deaf(adapter: RedisAdapter, seen: Survey, alive: Mapping[str, bool]) -> Finding:
    """Hold the age of living processes' members against `group_expiry`."""
    expiry = adapter.layer.group_expiry
    now = time.time()
    ages = {
        (group, channel): now - joined
        for group, channels in seen.members.items()
        for channel, joined in channels.items()
        if alive.get(process(channel))
    }
    if not ages:
        return DEAF.none(seen.note("nobody is connected whose age could be looked at"))
    gone = [group for (group, _), age in ages.items() if age > expiry]
    if gone:
        return DEAF.fail(
            seen.note(
                f"{counted(len(gone), 'member', 'members')} joined more than {expiry} s ago: "
                f"forgotten, or about to be, in {some(sorted(set(gone)))}"
            )
        )
    (group, _), age = max(ages.items(), key=lambda each: each[1])
    told = f"the oldest member joined {lasting(age)} ago"
    if age > _OLD * expiry:
        return DEAF.warn(
            seen.note(f"{told}; in {lasting(expiry - age)} it gets nothing more from {group}")
        )
    return DEAF.ok(seen.note(f"{told}, group_expiry is {lasting(expiry)}"))


def residue(seen: Survey, alive: Mapping[str, bool]) -> Finding:
    """List the in-flight copies whose owner does not answer."""
    left = [name for name in seen.inflight if alive.get(name) is False]
    if not left:
        return RESIDUE.ok(seen.note("no message in flight without an owner"))
    return RESIDUE.warn(
        seen.note(
            f"{counted(len(left), 'process that does', 'processes that do')} not answer left "
            f"{counted(sum(seen.inflight[each] for each in left), 'message', 'messages')} in "
            f"flight, for ever: {some(left)}"
        ),
        value=len(left),
        unit="keys",
    )
