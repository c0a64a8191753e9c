"""A process with one member in each of its rooms, which counts what reaches them.

    python benchmarks/broadcast_receivers.py core|pubsub SOCKET FIRST LAST

Says `ready`; for each line on stdin it prints how many deliveries it has seen. On pubsub it only
counts, so that it leaves the processors to what is measured; on core it is the layer's own
`receive_single`, because how fast that empties the queue is what loses messages.
"""

import asyncio
import socket
import sys
import threading
import time

from channels_redis.core import RedisChannelLayer

MARK = b"*3\r\n$7\r\nmessage\r\n"


class Count:
    """What was seen so far, told for each line on stdin."""

    seen = 0

    def tell(self) -> None:
        """Answer, until nobody asks any more; then end."""
        print("ready", flush=True)
        for _ in sys.stdin:
            print(self.seen, flush=True)


def pubsub(path: str, rooms: range, count: Count) -> None:
    """Subscribe as the layer does: a process once a group."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(path)
        for start in range(0, len(rooms), 1000):
            names = [f"asgi__group__chat_room{number}" for number in rooms[start : start + 1000]]
            words = "".join(f"${len(name)}\r\n{name}\r\n" for name in ["SUBSCRIBE", *names])
            link.sendall(f"*{len(names) + 1}\r\n{words}".encode())
            heard = b""
            while heard.count(b"subscribe\r\n") < len(names):
                heard += link.recv(1 << 20)
        threading.Thread(target=count.tell, daemon=True).start()
        rest = b""
        while data := link.recv(1 << 20):
            data = rest + data
            count.seen += data.count(MARK)
            rest = data[1 - len(MARK) :]


async def core(path: str, rooms: range, count: Count) -> None:
    """Join with a channel a room, as sockets do, and take what comes."""
    host = {"address": f"unix://{path}", "socket_timeout": None, "protocol": 2}
    layer = RedisChannelLayer(hosts=[host])
    channels = [await layer.new_channel() for _ in rooms]
    pipe = layer.connection(0).pipeline(transaction=False)
    for number, channel in zip(rooms, channels, strict=True):
        pipe.zadd(f"asgi:group:chat_room{number}", {channel: time.time()})
    await pipe.execute()
    threading.Thread(target=count.tell, daemon=True).start()
    queue = layer.non_local_name(channels[0])
    while True:
        taken, _ = await layer.receive_single(queue)
        count.seen += len(taken)


if __name__ == "__main__":
    kind, where, first, last = sys.argv[1:]
    mine = range(int(first), int(last))
    if kind == "core":
        asyncio.run(core(where, mine, Count()))
    else:
        pubsub(where, mine, Count())
