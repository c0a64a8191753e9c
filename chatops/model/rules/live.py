"""What is tried on channels and groups of our own."""

from chatops.model.rules.rule import Rule

_LOST = (
    "See CHO004 where it is listed; else whether others read our channels, and the server's log."
)

SEND = Rule(
    id="CHO101",
    name="send and receive",
    means="A message that is sent to a channel does not come out of it, or comes late.",
    found="Messages are sent to a channel of our own and waited for, one after the other.",
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
    fix="Make every process use the same serializer, and raise limits on message sizes.",
)
ORDER = Rule(
    id="CHO105",
    name="order of a burst",
    means="Messages overtake one another, come twice, or are lost when many come at once.",
    found="A numbered burst is sent to a channel of our own.",
    fix=_LOST,
)
ANOTHER_PROCESS = Rule(
    id="CHO106",
    name="another process",
    means="What one process sends, another does not get: workers do not hear one another.",
    found="A process of our own joins a group, is sent a message, and answers to another group.",
    fix="Use a layer that reaches other processes, such as channels_redis, with the same settings "
    "in every process.",
)
