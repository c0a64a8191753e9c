"""Where the WebSockets are."""

from django.urls import path, re_path

from chat.consumers import Room
from chat.sockets.lobby import Lobby
from chat.sockets.noroom import NoRoom

websocket_urlpatterns = [
    path("ws/lobby/", Lobby.as_asgi()),
    path("ws/chat/<path:room>/", Room.as_asgi()),
    # Anything else would end as a ValueError in the server's log.
    re_path("", NoRoom.as_asgi()),
]
