"""What settings alone give away, offline."""

from chatops.model.rules.rule import Rule

BUILT = Rule(
    id="CHO001",
    name="layer can be built",
    means="Channels cannot make the layer: every consumer that touches it fails with "
    "`NoneType has no attribute …` or an import error.",
    found="The layer is built from CHANNEL_LAYERS, as `channel_layers.make_backend` does.",
    fix="Correct the entry in CHANNEL_LAYERS.",
)
IDLE = Rule(
    id="CHO002",
    name="idle connections",
    means="redis-py 8 gives up a read after 5 s, as long as the core layer waits for a message: "
    "every socket without traffic is closed with 1011.",
    found="The socket timeout of a connection is held against the layer's `brpop_timeout`.",
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
