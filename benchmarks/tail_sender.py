"""Send numbered messages into one room, as fast as the server takes them or so many a second.

    python benchmarks/tail_sender.py SOCKET core|pubsub COUNT [RATE]

Pre-packed commands on a raw socket, so that the sender is never the bottleneck. Prints how many
messages the server dropped for a full queue.
"""

import socket
import sys
import threading
import time

import msgpack

ROOM = "chat_lobby"
CHANNEL = f"asgi__group__{ROOM}"

# What the core layer's `group_send` asks of a queue.
QUEUE = """
if redis.call('ZCOUNT', KEYS[1], '-inf', '+inf') < 100 then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
    redis.call('EXPIRE', KEYS[1], 60)
    return 0
end
return 1
"""


def main(path: str, kind: str, count: int, rate: float = 0) -> None:
    """Send, and wait for all answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        commands = published(count) if kind == "pubsub" else queued(client, count)
        answers = threading.Thread(target=drained, args=(client, count))
        answers.start()
        print("from", time.time(), flush=True)
        since, size = time.perf_counter(), 1000 if not rate else 10
        for start in range(0, count, size):
            client.sendall(b"".join(commands[start : start + size]))
            while rate and (start + size) / (time.perf_counter() - since) > rate:
                time.sleep(0.0002)
        answers.join()


def published(count: int) -> list[bytes]:
    """Pack what the pubsub layer sends."""
    return [packed(b"PUBLISH", CHANNEL.encode(), msgpack.packb(event(n))) for n in range(count)]


def queued(client: socket.socket, count: int) -> list[bytes]:
    """Pack what the core layer sends to the one member of the room."""
    client.sendall(packed(b"ZRANGE", f"asgi:group:{ROOM}".encode(), b"0", b"0"))
    member = client.recv(1000).split(b"\r\n")[2]
    client.sendall(packed(b"SCRIPT", b"LOAD", QUEUE.encode()))
    script = client.recv(1000).split(b"\r\n")[1]
    queue, now = b"asgi" + member.partition(b"!")[0] + b"!", time.time()
    commands = []
    for n in range(count):
        body = msgpack.packb({**event(n), "__asgi_channel__": [member.decode()]})
        score = b"%f" % (now + n / 1e6)
        payload = n.to_bytes(12, "big") + body
        commands.append(packed(b"EVALSHA", script, b"1", queue, score, payload))
    return commands


def event(number: int) -> dict[str, object]:
    """Return one message of a chat."""
    return {"type": "chat.message", "text": "Hello there, how are you?", "n": number}


def packed(*words: bytes) -> bytes:
    """Spell a command as the server reads it."""
    parts = (b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
    return b"*%d\r\n%s" % (len(words), b"".join(parts))


def drained(client: socket.socket, count: int) -> None:
    """Read `:0` or `:1` for each command; print how many said 1, which on core is a drop."""
    answered = dropped = 0
    while answered < count:
        said = client.recv(1 << 20)
        answered += said.count(b"\n")
        dropped += said.count(b"1")
    print("dropped", dropped, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *map(float, sys.argv[4:]))
