"""What settings alone give away, offline."""

from chatops.model.rules.rule import Rule

BUILT = Rule(
    id="CHO001",
    name="layer can be built",
    means="Channels cannot make the layer: every consumer that touches it fails with "
    "`NoneType has no attribute …` or an import error.",
    found="The layer is built from CHANNEL_LAYERS, as `channel_layers.make_backend` does; "
    "`manage.py check` reads the entry only.",
    fix="Correct the entry in CHANNEL_LAYERS.",
)
IDLE = Rule(
    id="CHO002",
    name="idle connections",
    means="redis-py 8 gives up a read after 5 s, as long as the core layer waits for a message: "
    "every socket without traffic is closed with 1011.",
    found="The socket timeout of each host's connections is held against the layer's "
    "`brpop_timeout`.",
    fix='Write the host as {"address": URL, "socket_timeout": None, "protocol": 2}, '
    'or install "redis<8".',
    upstream=(
        "https://github.com/django/channels_redis/issues/422",
        "https://github.com/redis/redis-py/issues/4091",
    ),
)
PROCESSES = Rule(
    id="CHO003",
    name="more than one process",
    means="The in-memory layer ends at its process: with several workers, and from a command "
    "line, messages vanish without a word.",
    found="The BACKEND is the in-memory layer, or extends it.",
    fix="In production use channels_redis (or another layer with a server).",
)
HOSTS = Rule(
    id="CHO004",
    name="several hosts",
    means="The core layer sends to a channel by the hash of its full name and reads by the hash "
    "of the part before `!`: with several hosts most sends to a single channel are lost. Group "
    "sends arrive.",
    found="`hosts` names more than one.",
    fix="Send to groups alone, or use one host, or the pubsub layer.",
    upstream=("https://github.com/django/channels_redis/issues/221",),
)
OPTIONS = Rule(
    id="CHO005",
    name="layer options",
    means="An option has no effect, so that the limit or the server one relies on is not there; "
    "or it breaks the layer once a message is sent; or a `capacity` below 10 drops a handful of "
    "events that come at once.",
    found="CONFIG is held against what the BACKEND reads, and numbers against what Redis takes. "
    "The pubsub layer takes any option and reads four; Channels reads BACKEND and CONFIG alone.",
    fix="Remove the option, or write it as the layer spells it.",
)
LOGGED = Rule(
    id="CHO006",
    name="drops are logged",
    means="When a process's queue is full, the core layer drops what is sent to a group and only "
    "logs that, at INFO, which Django's default LOGGING does not show.",
    found="The logger `channels_redis.core` is asked whether a handler would show a record at "
    "INFO. A server that sets up logging by itself, as `daphne` does on its command line, may "
    "show it all the same.",
    fix='LOGGING = {"version": 1, "disable_existing_loggers": False, '
    '"handlers": {"console": {"class": "logging.StreamHandler"}}, '
    '"loggers": {"channels_redis.core": {"handlers": ["console"], "level": "INFO"}}}',
    upstream=(
        "https://github.com/django/channels_redis/issues/181",
        "https://github.com/django/channels_redis/pull/172",
    ),
)
EXPIRY = Rule(
    id="CHO007",
    name="group expiry",
    means="The core layer forgets a group's member `group_expiry` seconds after it joined, "
    "even while its socket is open: it stays connected, and hears nothing more.",
    found="`group_expiry` is less than an hour.",
    fix='Set "group_expiry" to more seconds than a socket lives, such as 86400, the default.',
    upstream=(
        "https://github.com/django/channels_redis/pull/91",
        "https://github.com/django/channels/issues/1371",
    ),
)
RUNSERVER = Rule(
    id="CHO008",
    name="runserver speaks WebSocket",
    means="Django's own runserver answers a WebSocket's handshake with 404.",
    found="Django is asked which app's runserver it would run, and, with DEBUG and without "
    "daphne, whether another ASGI server is installed.",
    fix='INSTALLED_APPS = ["daphne", …], before django.contrib.staticfiles and every other app '
    "with a runserver.",
    upstream=(
        "https://github.com/django/channels/issues/1958",
        "https://github.com/django/channels/pull/1897",
    ),
)
ASGI = Rule(
    id="CHO009",
    name="ASGI application",
    means="Daphne's runserver does not start without ASGI_APPLICATION.",
    found="ASGI_APPLICATION is set and a dotted path, and its package is there; no import.",
    fix='ASGI_APPLICATION = "mysite.asgi.application"',
)
DATABASE = Rule(
    id="CHO010",
    name="database number",
    means="Redis pub/sub knows no databases: projects that share a server and a prefix hear one "
    "another, whatever database number each was given.",
    found="A host of the pubsub layer names a database other than 0, and the prefix is the "
    "default, `asgi`.",
    fix='Give each project a prefix of its own: "CONFIG": {"prefix": "mysite", …}.',
    upstream=("https://github.com/redis/redis-doc/pull/182",),
)
SETTING = Rule(
    id="CHO011",
    name="CHATOPS setting",
    means="No command of chatops starts.",
    found="CHATOPS is read; what its dotted paths name is not imported.",
    fix="Correct CHATOPS.",
)
