"""What the ASGI application and a running site give away."""

from chatops.model.rules.rule import Rule

HANDLED = Rule(
    id="CHO301",
    name="types that are sent",
    means="An event whose `type` no consumer handles, or that has none, raises in every consumer "
    "that gets it: all sockets of the room are closed with 1011 at once.",
    found="The project's own code is read for `group_send` and `channel_layer.send` with a dict "
    "written out; its `type` is held against the consumers that ASGI_APPLICATION routes to. Not "
    "judged are events that are built elsewhere, and projects with a consumer that overrides "
    "`dispatch` or with code that calls the layer's `receive` itself.",
    fix="Give the consumers a method named like the type, with dots as underscores: "
    "`chat.message` is handled by `async def chat_message(self, event)`.",
    upstream=("https://github.com/django/channels/pull/1272",),
)
BROADCAST = Rule(
    id="CHO302",
    name="broadcast event",
    means="`chatops broadcast` would send an event that no consumer handles, and with it close "
    "every socket in the room.",
    found='The event of CHATOPS["BROADCAST_EVENT"] is built, and its `type` is held against the '
    "consumers that ASGI_APPLICATION routes to.",
    fix='Set CHATOPS = {"BROADCAST_EVENT": {"type": "chat.message", "message": "{message}"}}, '
    "with the type and the fields that your consumers read.",
)
ORIGIN = Rule(
    id="CHO303",
    name="origin check",
    means="Browsers let any page open a socket to any site, and send the site's cookies along: "
    "without a check of `Origin` a foreign page acts as your user. A check that is too strict "
    "refuses every browser with 403.",
    found="The way from ASGI_APPLICATION to each WebSocket consumer is walked for middleware that "
    "reads cookies, sessions or users, and for an origin validator around it.",
    fix="Put `AllowedHostsOriginValidator(...)` from channels.security.websocket around the "
    "application of `websocket`, and list your hosts in ALLOWED_HOSTS.",
    upstream=(
        "https://github.com/django/channels/issues/1657",
        "https://github.com/django/channels/issues/2062",
    ),
)
ROUTING = Rule(
    id="CHO304",
    name="ASGI routing",
    means="The server cannot start, or answers every WebSocket with an error, because "
    "ASGI_APPLICATION does not lead to a consumer.",
    found="ASGI_APPLICATION is imported and walked, through routers and middleware; routes that "
    "begin with a slash, which URLRouter takes off every path, are named.",
    fix="Let ASGI_APPLICATION name a ProtocolTypeRouter whose `websocket` is a URLRouter with "
    "your consumers, each as `.as_asgi()`.",
    upstream=(
        "https://github.com/django/channels/issues/1426",
        "https://github.com/django/channels/issues/1564",
    ),
)
HANDSHAKE = Rule(
    id="CHO311",
    name="handshake",
    means="Browsers cannot open a socket to the site, or it is closed at once.",
    found="With --websocket URL: a handshake is made as a browser's, with the Origin of the site; "
    "where it is refused, others tell why. An accepted socket is watched for 1.5 s.",
    fix="See the server's log for the time of this check.",
    upstream=("https://github.com/django/channels/issues/2062",),
)
FOREIGN = Rule(
    id="CHO312",
    name="foreign origin",
    means="Any page on the web can open a socket to the site, with your users' cookies.",
    found="With --websocket URL: where the first handshake was accepted, one more is made with "
    "`Origin: https://chatops.invalid`, and must be refused.",
    fix="Put `AllowedHostsOriginValidator(...)` around the application of `websocket` in "
    "asgi.py. Where sockets never rely on cookies (tokens, native apps) nobody is at risk: "
    "--skip CHO312.",
)
ROUND = Rule(
    id="CHO313",
    name="message comes round",
    means="Sockets open, but what is said on them does not come back.",
    found="With --send JSON and --expect JMESPATH: the text is sent on the socket, and frames are "
    "read until one matches; a socket that is closed over what was sent is a failure too. With "
    "--chat ROOM: a message of our own chat is said in that room, under the name “chatops "
    "check”, where everybody in it sees it.",
    fix="See the server's log for the time of this check, and the findings CHO1xx of the layer.",
)
