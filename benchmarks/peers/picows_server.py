"""A picows server without a broker: python picows_server.py PORT."""

import sys
from collections import defaultdict

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, ws_create_server

rooms: dict[str, set[WSTransport]] = defaultdict(set)


class Client(WSListener):
    """One socket in one room."""

    def __init__(self, room: str) -> None:
        self.room = rooms[room]

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Join."""
        self.room.add(transport)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Leave."""
        self.room.discard(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Tell the room what one client says."""
        if frame.msg_type == WSMsgType.TEXT:
            said = frame.get_payload_as_bytes()
            for each in self.room:
                each.send(WSMsgType.TEXT, said)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()


async def main(port: int) -> None:
    """Serve until the process is ended."""

    def listener(request: WSUpgradeRequest) -> Client:
        return Client(request.path.decode().split("/")[3])

    server = await ws_create_server(listener, "127.0.0.1", port)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
