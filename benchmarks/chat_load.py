"""The load client of `chat.py`: many sockets in one process, one JSON line when it is done.

    python benchmarks/chat_load.py '{"url": …, "origin": …, "rooms": 1, "clients": 100, …}'

Lean, so that it is not what is measured: frames are not decoded but searched for the words of a
message, as bytes; only a sender looks for its own. It reports the CPU time that it took, as a
share of one core.
"""

import asyncio
import base64
import json
import os
import resource
import statistics
import sys
import time
from urllib.parse import urlsplit

try:
    import uvloop
except ImportError:
    uvloop = None

WORD = b"~~"  # stands twice in each message, around its sender and number


class Socket(asyncio.Protocol):
    """One WebSocket: a handshake, then counted words."""

    def __init__(self, load: "Load", index: int, room: str) -> None:
        self.load = load
        self.index = index
        self.room = room
        self.opened = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.heard = 0
        self.sent_at = 0.0
        self.number = 0
        self.own = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Ask for the upgrade."""
        self.transport = transport
        parts = urlsplit(self.load.url)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path.format(room=self.room)} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Origin: {self.load.origin}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        if self.load.subprotocol:
            lines.append(f"Sec-WebSocket-Protocol: {self.load.subprotocol}")
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Count the words; a word that is cut in two is put together."""
        if not self.opened.done():
            if b"\r\n\r\n" in data:
                self.opened.set_result(data.startswith(b"HTTP/1.1 101"))
            return
        data = self.rest + data
        words = data.count(WORD) // 2
        end = data.rfind(WORD) + len(WORD) if words else 0
        if self.own and self.own in data:
            self.load.returned(self)
        self.heard += words
        self.load.delivered += words
        self.rest = data[end:][-200:] if words else data[-200:]

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Take note; a benchmark in which sockets are lost says so."""
        self.load.closed += 1
        if not self.opened.done():
            self.opened.set_result(False)

    def say(self) -> None:
        """Send the next message."""
        self.number += 1
        self.own = b"~~%d:%d~~" % (self.index, self.number)
        self.sent_at = time.perf_counter()
        text = b'{"message": "%s %s"}' % (self.own, b"x" * 40)
        mask = b"\0\0\0\0"  # allowed, and costs nothing
        self.transport.write(bytes([0x81, 0x80 | len(text)]) + mask + text)


class Load:
    """Clients in rooms, of which some always have a message under way."""

    def __init__(self, options: dict) -> None:
        self.__dict__.update(options)  # url, origin, subprotocol, rooms, clients, flying, seconds
        self.delivered = self.said = self.closed = 0
        self.took: list[float] = []
        self.going = False

    def returned(self, socket: Socket) -> None:
        """Say the next thing when one's own message has come back."""
        socket.own = b""
        self.took.append(time.perf_counter() - socket.sent_at)
        if self.going:
            self.said += 1
            socket.say()

    async def run(self) -> dict:
        """Connect, talk, and count."""
        started = time.perf_counter()
        self.sockets = [await self._open(index) for index in range(self.clients)]
        connecting = time.perf_counter() - started
        await asyncio.sleep(1)  # joins settle
        per_room = {}
        for socket in self.sockets:
            per_room.setdefault(socket.room, []).append(socket)
        speakers = [s for room in per_room.values() for s in room[: self.flying]]
        self.going = True
        for socket in speakers:
            self.said += 1
            socket.say()
        await asyncio.sleep(0.5)  # warm
        before, cpu, clock = self.delivered, _cpu(), time.perf_counter()
        self.took.clear()
        await asyncio.sleep(self.seconds)
        delivered, took = self.delivered - before, sorted(self.took)
        seconds, cpu = time.perf_counter() - clock, _cpu() - cpu
        self.going = False
        expected = self.said * len(next(iter(per_room.values())))
        for _ in range(50):
            if self.delivered >= expected:
                break
            await asyncio.sleep(0.1)
        return {
            "per_s": round(delivered / seconds),
            "lost": expected - self.delivered,
            "p50_ms": round(1000 * statistics.median(took), 2) if took else None,
            "p99_ms": round(1000 * took[int(len(took) * 0.99)], 2) if took else None,
            "connects_per_s": round(self.clients / connecting),
            "closed": self.closed,
            "load_cpu": round(cpu / seconds, 2),
        }

    async def _open(self, index: int) -> Socket:
        parts = urlsplit(self.url)
        loop = asyncio.get_running_loop()
        room = f"r{index % self.rooms}"
        _, socket = await loop.create_connection(
            lambda: Socket(self, index, room), parts.hostname, parts.port
        )
        if not await socket.opened:
            sys.exit("the handshake was refused")
        return socket


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the load that the one argument describes."""
    options = json.loads(sys.argv[1])
    run = uvloop.run if uvloop else asyncio.run
    print(json.dumps(run(Load(options).run())))


if __name__ == "__main__":
    main()
