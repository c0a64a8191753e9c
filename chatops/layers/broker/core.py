"""What the servers of a core layer can be asked; what several probes need is asked once."""

from collections.abc import Mapping

from chatops.errors import ChatopsError
from chatops.layers.broker import elsewhere, kinds, members, queued
from chatops.layers.broker.consent import Unproven, require_consent
from chatops.layers.broker.liveness import alive
from chatops.layers.broker.once import Once
from chatops.layers.broker.probes import Probes, refusable, server_probes
from chatops.layers.broker.scan import survey
from chatops.layers.broker.server import servers
from chatops.layers.broker.survey import Survey
from chatops.layers.clients import readers
from chatops.layers.redis import RedisAdapter
from chatops.model.finding import Finding, Status
from chatops.model.rules import broker as rules

_PROCESSES = 500
"""Processes that are asked whether they live."""


def core_probes(adapter: RedisAdapter) -> Probes:
    """Return what the servers of a core layer can be asked."""
    asked = Once(lambda: servers(adapter))
    core = _Core(adapter)

    async def others() -> Finding:
        return await elsewhere.elsewhere_on_core(adapter, await core.seen(), await asked())

    return refusable(
        {
            **server_probes(adapter, asked),
            rules.GHOSTS: core.ghosts,
            rules.RESIDUE: core.residue,
            rules.BACKLOG: core.backlog,
            rules.OTHER_KIND: lambda: kinds.pubsub_beside_core(adapter),
            rules.ELSEWHERE: others,
            rules.CODEC: core.codec,
            rules.DEAF: core.deaf,
        }
    )


class _Core:
    """What is stored on the servers, seen once, and who of its owners lives, asked once."""

    def __init__(self, adapter: RedisAdapter) -> None:
        self._adapter = adapter
        self.seen = Once(lambda: survey(adapter))
        self._living = Once(self._asked)
        self._after = Once(self._again)

    async def ghosts(self) -> Finding:
        try:
            return members.ghosts(self._adapter, await self._after(), await self._living())
        except Unproven as unproven:
            owners = len((await self.seen()).owners)
            return members.waiting(owners, await readers(self._adapter, owners), unproven)

    async def residue(self) -> Finding:
        found = await self.seen()
        if not any("!" in name for name in found.inflight):  # then nobody has to be asked
            return members.residue(found, {})
        return members.residue(await self._after(), await self._living())

    async def backlog(self) -> Finding:
        return queued.backlog(self._adapter, await self.seen(), await _if_known(self._living))

    async def deaf(self) -> Finding:
        try:
            return members.deaf(self._adapter, await self.seen(), await self._living())
        except Unproven:
            found = await self.seen()
            of_all = members.deaf(self._adapter, found, dict.fromkeys(found.owners, True))
            if of_all.status in {Status.OK, Status.NONE}:
                return of_all
            raise  # who is too old may also be dead

    async def codec(self) -> Finding:
        return queued.codec(queued.queued_messages(await self.seen()), "were queued")

    async def _asked(self) -> Mapping[str, bool]:
        """Ask the owners whether they live, unless our question would kill their consumers."""
        found = await self.seen()
        if found.owners:
            messages = queued.queued_messages(found)
            require_consent(self._adapter, [arrival for _, arrival in messages])
        if (count := len(found.owners)) > _PROCESSES:
            found.unseen.append(f"only {_PROCESSES} of {count} processes were asked")
        return await alive(self._adapter, found.owners[:_PROCESSES])

    async def _again(self) -> Survey:
        """Look again where someone did not answer: who was just leaving is gone by now."""
        if all((await self._living()).values()):
            return await self.seen()
        later, first = await survey(self._adapter), await self.seen()
        later.unseen[:] = first.unseen
        return later


async def _if_known(living: Once[Mapping[str, bool]]) -> Mapping[str, bool]:
    try:
        return await living()
    except ChatopsError:
        return {}
