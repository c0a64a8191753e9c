"""What only some channel layers can do."""

from enum import StrEnum


class Capability(StrEnum):
    """An ability beyond the public channel-layer interface; its value completes "cannot …"."""

    CROSS_PROCESS = "reach another process"
    LIST_GROUPS = "list its groups"
    LIST_MEMBERS = "name the members of a group"
    PRUNE = "tell ghosts from the living"
