"""What is tried on channels and groups of our own."""

from chatops.model.rules.rule import Rule

_LOST = (
    "See CHO004 where it is listed; else whether others read our channels, and the server's log."
)

SEND = Rule(
    id="CHO101",
    name="send and receive",
    means="A message that is sent to a channel does not come out of it, or comes late.",
    found="Messages are sent to a channel of our own and waited for, one after the other; their "
    "median is held against --rtt-warn and --rtt-crit, the lost ones against --loss-crit.",
    fix=_LOST,
)
FAN_OUT = Rule(
    id="CHO102",
    name="group fan-out",
    means="Some members of a group miss what is sent to it, or get it twice.",
    found="Three channels of our own join a group of our own; each must get its message once.",
    fix="With several hosts, make sure that every process lists the same hosts in the same order.",
)
DISCARD = Rule(
    id="CHO103",
    name="group discard",
    means="Who has left a group goes on getting its messages.",
    found="One of two members leaves; what is sent afterwards must reach the other alone.",
    fix="Report this to the channel layer's authors.",
)
IDENTICAL = Rule(
    id="CHO104",
    name="identical message",
    means="What a consumer gets is not what was sent.",
    found="A message with every kind of value makes a round trip.",
    fix="Use the msgpack serializer, or report this to the authors of yours.",
)
ORDER = Rule(
    id="CHO105",
    name="order of a burst",
    means="Messages overtake one another, come twice, or are lost when many come at once.",
    found="A numbered burst of 50, or of `capacity` where that is less, is sent to a channel of "
    "our own.",
    fix=_LOST,
)
ANOTHER_PROCESS = Rule(
    id="CHO106",
    name="another process",
    means="What one process sends, another does not get: workers do not hear one another.",
    found="A process of our own imports the settings anew, joins a group, is sent a message, and "
    "answers to another group.",
    fix="Use a layer that reaches other processes, such as channels_redis, with the same settings "
    "in every process.",
)
ISOLATION = Rule(
    id="CHO107",
    name="isolation of groups",
    means="Messages of one room are seen in another.",
    found="Groups of our own whose names are near (one begins like the other, or differs in case "
    "or a dot alone) each get a message; each member must see its own group's alone.",
    fix="Report this to the channel layer's authors; until then, keep group names far apart.",
)
SIZES = Rule(
    id="CHO108",
    name="large messages",
    means="Large messages vanish, or raise, on their way.",
    found="Messages of 64 kB, 256 kB and 1 MB make a round trip.",
    fix="Send large content by another way, such as its URL, or raise the limit: on Redis "
    "`CONFIG SET proto-max-bulk-len 512mb`.",
)
DIRECT = Rule(
    id="CHO109",
    name="direct sends",
    means="With several hosts, what is sent to a single channel is lost, though group sends "
    "arrive: the core layer sends by the hash of the full name and reads by that of a part.",
    found="With several hosts: a message is sent to each of some channels of our own.",
    fix="Send to groups alone, or use one host, or the pubsub layer.",
    upstream=("https://github.com/django/channels_redis/issues/221",),
)
BLOCKING = Rule(
    id="CHO110",
    name="async_to_sync",
    means="A view or task that sends by `async_to_sync` works once and then raises (`Event loop "
    "is closed`) or loses messages: each call has an event loop of its own.",
    found="A thread without an event loop sends to a group of our own twice, by two uses of "
    "`async_to_sync`; both must arrive.",
    fix="Update the channel layer: it must not keep connections from one event loop to the next.",
)
ACROSS = Rule(
    id="CHO111",
    name="fan-out across processes",
    means="Some members of a group miss what is sent to it, or get it twice, depending on the "
    "process that they are in.",
    found="Two channels of ours and two of a process of our own join a group; each must get its "
    "message once.",
    fix="Give every process the same `hosts`, in the same order, and a server that is no replica.",
)
IDLE = Rule(
    id="CHO121",
    name="idle receive",
    means="A consumer that gets nothing for some seconds dies, or misses what comes then: its "
    "socket is closed with 1011.",
    found="With --deep: a channel of our own is received from, empty, for 6.5 s; what is sent "
    "then must arrive.",
    fix='Write the host as {"address": URL, "socket_timeout": None, "protocol": 2}, and raise '
    "idle timeouts of servers and proxies on the way.",
    upstream=(
        "https://github.com/django/channels_redis/issues/422",
        "https://github.com/redis/redis-py/issues/4091",
    ),
)
CAPACITY = Rule(
    id="CHO122",
    name="capacity",
    means="A queue that is full takes more, so that memory grows, or is full too early, so that "
    "messages are dropped.",
    found="With --deep: a queue of our own is filled; ChannelFull must come at its `capacity`.",
    fix="Report this to the channel layer's authors.",
)
EXPIRY = Rule(
    id="CHO123",
    name="expiry",
    means="Messages that nobody reads stay on the server for ever, or are forgotten too early.",
    found="With --deep: the server is asked when it will forget a queue of our own.",
    fix="Let no proxy or script change the time to live of the layer's keys.",
)
RECOVERY = Rule(
    id="CHO124",
    name="recovery",
    means="After a connection was cut (a server's restart, a proxy's timeout) the layer raises on "
    "the next send, or goes on without its subscriptions.",
    found="With --deep: the server is told to kill the connections of a layer of our own; what is "
    "sent afterwards must arrive.",
    fix="Leave redis-py's `retry` as it is in `hosts`, update redis-py and channels_redis, and "
    "find out what cuts connections: the server's `timeout`, or a proxy's.",
    upstream=("https://github.com/redis/redis-py/issues/4252",),
)
