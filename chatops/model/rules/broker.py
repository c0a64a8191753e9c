"""What the layer's server says, where it may be asked."""

from chatops.model.rules.rule import Rule

VERSION = Rule(
    id="CHO201",
    name="server version",
    means="The core layer reads its queues by BZPOPMIN, which Redis has from version 5 on: on an "
    "older server no consumer ever gets a message.",
    found="INFO is asked for the version.",
    fix="Run Redis 5 or newer, or Valkey.",
)
ROLE = Rule(
    id="CHO202",
    name="server role",
    means="A replica refuses what the core layer writes (READONLY). On the pubsub layer it looks "
    "healthy and is not: what is published on a replica reaches only who subscribes on that same "
    "replica. While a server loads its data it answers nobody.",
    found="INFO is asked for the role and for `loading`.",
    fix="Point `hosts` at the primary, or name the Sentinels: "
    '{"sentinels": [("host", 26379)], "master_name": "mymaster"}.',
)
CLUSTER = Rule(
    id="CHO203",
    name="cluster",
    means="The core layer asks one node for keys of all slots: with several nodes it fails by "
    "MOVED, with a single one a group send fails by CROSSSLOT as soon as members are in two "
    "processes. The pubsub layer works, because a cluster passes what is published to all of its "
    "nodes, but who listens is then known only node by node.",
    found="INFO is asked for `cluster_enabled`.",
    fix="Use a server that is not a cluster, or the pubsub layer: "
    '"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer".',
)
MEMORY = Rule(
    id="CHO204",
    name="memory",
    means="When a server has used all of `maxmemory`, the core layer's sends fail with OOM, or "
    "groups and queues are evicted. The pubsub layer stores nothing.",
    found="INFO is asked for the memory that counts against `maxmemory`.",
    fix="Raise `maxmemory`, or remove what fills the server.",
)
EVICTION = Rule(
    id="CHO205",
    name="eviction policy",
    means="With a policy other than `noeviction`, a full server drops groups and queues of the "
    "core layer: members go deaf without a word. All of its keys expire, and so the `volatile-` "
    "policies take them too.",
    found="INFO is asked for `maxmemory_policy`.",
    fix="Give the layer a server of its own, with CONFIG SET maxmemory-policy noeviction.",
)
BUFFERS = Rule(
    id="CHO206",
    name="output buffers",
    means="A subscriber that reads too slowly is cut off when the server holds more for it than "
    "`client-output-buffer-limit pubsub` allows: all that was held is lost.",
    found="CONFIG GET is asked for the limit, and CLIENT LIST for what subscribers use of it now.",
    fix='CONFIG SET client-output-buffer-limit "pubsub 33554432 8388608 60", and find out what '
    "keeps the process from reading.",
)
CLIENTS = Rule(
    id="CHO207",
    name="client limit",
    means="When a server has `maxclients` connections, new ones are refused: processes that start "
    "or reconnect then cannot use the layer.",
    found="INFO is asked for the connections and for the limit.",
    fix="Raise `maxclients`, or find who holds the connections by CLIENT LIST.",
)
CLOCK = Rule(
    id="CHO208",
    name="clock",
    means="On the core layer, messages are put in order, and are thrown away when they are older "
    "than `expiry`, by the clock of who sends: where clocks differ they overtake one another, and "
    "a sender that is ahead deletes what others have not read yet.",
    found="TIME is held against the clock here.",
    fix="Set the clocks by NTP: `timedatectl set-ntp true`.",
)
GHOSTS = Rule(
    id="CHO209",
    name="ghost members",
    means="Members of groups whose process is gone stay for `group_expiry`: each group send pays "
    "for them, and counts are too high.",
    found="A message for no channel is put into the queue of each process that has members; who "
    "lives takes it, twice, and hands it to nobody. A process that does not is stopped, too busy "
    "to read for a second, or dead. Nobody is asked before something that they have queued was "
    "readable, because a wrong key or serializer would kill the consumer that reads our message; "
    "until then the clients that wait for a message are counted.",
    fix="Make sure that the process is gone, not stopped or busy. Then `chatops prune` lists what "
    "it left, and `chatops prune --yes` removes it; or let it expire.",
)
RESIDUE = Rule(
    id="CHO210",
    name="crash residue",
    means="A process that was killed while it took a message leaves the copy of it behind, in a "
    "key that never expires: memory fills up crash by crash.",
    found="Keys that end in `$inflight` are listed, and their owners are asked as for CHO209.",
    fix="Make sure that the process is gone, not stopped or busy. Then `chatops prune` lists what "
    "it left, and `chatops prune --yes` removes it.",
)
BACKLOG = Rule(
    id="CHO211",
    name="backlog",
    means="When the queue of a process holds `capacity` messages, what comes more is dropped: a "
    "group send says nothing, a send raises ChannelFull. All sockets of a process share a queue.",
    found="The messages in each queue are counted and held against its capacity.",
    fix="Raise `capacity` in CHANNEL_LAYERS, or find out what keeps the process from reading.",
)
OTHER_KIND = Rule(
    id="CHO212",
    name="another kind of layer",
    means="Some processes use the core layer and others the pubsub layer: they do not hear one "
    "another.",
    found="The other kind's keys, or subscriptions, are looked for under our prefix. Keys count "
    "only where something was sent within `expiry`, or a client waits by a blocking pop.",
    fix="Give every process the same BACKEND; with --url, name theirs by --backend.",
)
ELSEWHERE = Rule(
    id="CHO213",
    name="another prefix or database",
    means="Nobody is in a group under our prefix, but others on the same server are in theirs: "
    "either nobody is connected right now, or this process has the wrong prefix or database, and "
    "what it sends is heard by nobody.",
    found="Groups under other prefixes, and on the core layer in other databases, are looked for, "
    "where ours has none. Who is in ours makes it pass, whatever else there is; so does a prefix "
    "that was chosen, where others are under other prefixes alone: those are other projects.",
    fix="Compare `prefix` and the database number in CHANNEL_LAYERS of every process; nothing has "
    "to be done where those others are another project.",
)
CODEC = Rule(
    id="CHO214",
    name="key and serializer",
    means="A message with another key or serializer kills the consumer that reads it: one a "
    "process on the core layer, every member on the pubsub layer.",
    found="What is queued is decoded where it is; on the pubsub layer, what happens to pass in a "
    "fifth of a second.",
    fix="Give every process the same `symmetric_encryption_keys`, `serializer_format` and "
    "`random_prefix_length`.",
)
DEAF = Rule(
    id="CHO215",
    name="deaf members",
    means="A member is forgotten `group_expiry` after it joined, though its socket is still open: "
    "connected, but nothing arrives any more.",
    found="The age of each member whose process lives is held against `group_expiry`.",
    fix="Raise `group_expiry` in CHANNEL_LAYERS above the longest time that a socket stays open, "
    "or call `group_add` again now and then.",
)
