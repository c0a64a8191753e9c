"""python-socketio with its Redis manager, on uvicorn: python socketio_server.py PORT REDIS_URL."""

import sys
from urllib.parse import parse_qs

import socketio
import uvicorn

port, url = sys.argv[1:]
server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(url),
    cors_allowed_origins="*",
    transports=["websocket"],
)


@server.event
async def connect(sid: str, environ: dict) -> None:
    """Join the room that the address names."""
    room = parse_qs(environ["QUERY_STRING"])["room"][0]
    await server.save_session(sid, {"room": room})
    await server.enter_room(sid, room)


@server.event
async def m(sid: str, text: str) -> None:
    """Tell the room what one client says."""
    session = await server.get_session(sid)
    await server.emit("m", text, room=session["room"])


uvicorn.run(
    socketio.ASGIApp(server),
    host="127.0.0.1",
    port=int(port),
    log_level="warning",
    access_log=False,
    ws_per_message_deflate=False,
)
