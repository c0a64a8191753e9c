"""The ASGI application; importing it starts or joins the embedded broker where that is used."""

import gc
import os
import sys

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
django_application = get_asgi_application()  # first: consumers import models

from django.conf import settings  # noqa: E402 - see above

from chat.routing import websocket_urlpatterns  # noqa: E402 - see above
from chat.sockets.lasting import Lasting  # noqa: E402 - see above
from chat.sockets.origins import SameOrigin  # noqa: E402 - see above
from chat.sockets.visitors import Visitors  # noqa: E402 - see above

if settings.EMBEDDED_BROKER:
    from chatsite import broker

    try:
        broker.ensure()
    except broker.BrokerError as error:
        # Written, not only raised: runserver's autoreloader swallows a SystemExit's text.
        sys.stderr.write(f"The embedded broker did not start: {error}\n")
        raise SystemExit(1) from None

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": Lasting(
            AllowedHostsOriginValidator(SameOrigin(Visitors(URLRouter(websocket_urlpatterns))))
        ),
    }
)

# All that is here by now stays; looking through it again and again for garbage, as sockets come,
# was a fifth of what letting them in costs.
gc.freeze()
gc.set_threshold(10_000, 20, 20)

# The loop and the thread that stores hand over to each other for each group of messages: with
# Python's 5 ms either waits for long, and a hundred who share a room hear a fifth less.
sys.setswitchinterval(0.0005)
