"""What changes for one person while they are in a room: staff's acts, their name, their account."""

import asyncio

from django.utils import timezone

from chat.live import replies
from chat.live.speaker import Exiled, SignedOut, Speaker
from chat.protocol.frames import Refused
from chat.records.rules import Rules
from chat.sockets import tongue
from chat.sockets.explaining import EXILED, SIGNED_OUT, Socket


class Standing:
    """Tells one socket what others did about its person, or closes it."""

    __slots__ = ("_end", "_socket", "_speaker", "_told")

    def __init__(self, socket: Socket, speaker: Speaker, rules: Rules) -> None:
        self._socket = socket
        self._speaker = speaker
        self._told = rules.locked, rules.barred, speaker.silence(rules)
        self._end: asyncio.TimerHandle | None = None  # of what this person may not do
        self._expect(rules)

    def stop(self) -> None:
        """Tell nothing more."""
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def ruled(self, rules: Rules) -> None:
        """Obey what staff did: leave, or tell the client what changed for it."""
        with tongue.spoken(self._socket.language):  # whoever acted may speak another one
            self._obey(rules)

    def called(self, by: str, name: str) -> None:
        """Take the name that another tab chose."""
        if by == self._speaker.key.hex or name == self._speaker.name:
            return
        self._speaker.called(name)
        self._tell(replies.named(name, None))

    async def doubted(self) -> None:
        """Look who this socket speaks for by now."""
        with tongue.spoken(self._socket.language):
            try:
                if await self._speaker.look_again(doubted=True):
                    self._tell(replies.named(self._speaker.name, None))
            except SignedOut as refused:
                self._send_away(SIGNED_OUT, refused)
            except Refused:  # the database is away: the next look tries again
                self._speaker.stamp = ()

    def _obey(self, rules: Rules) -> None:
        if exile := rules.exile(self._speaker.author):
            self._send_away(EXILED, Exiled(exile))
            return
        self._expect(rules)
        silence = self._speaker.silence(rules)
        was, self._told = self._told, (rules.locked, rules.barred, silence)
        if self._told != was:
            self._tell(replies.rules(rules, silence))

    def _expect(self, rules: Rules) -> None:
        """Tell the client when what these rules forbid it comes to its end."""
        self.stop()
        ban = rules.muted.get(self._speaker.author)
        if ban is not None and ban.in_force and ban.until is not None:
            left = (ban.until - timezone.now()).total_seconds()
            self._end = asyncio.get_running_loop().call_later(left + 0.01, self.ruled, rules)

    def _tell(self, text: str) -> None:
        if self._socket.outgoing.paged:
            self._socket.outgoing.put(text)

    def _send_away(self, code: int, refused: Refused) -> None:
        self._socket.refuse(refused)
        self._socket.outgoing.close(code)
