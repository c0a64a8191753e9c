"""Every rule of a check, by its id; one module a group.

The hundreds of an id say its group: settings (0), live (1), broker (2), application (3).
"""

from types import ModuleType

from chatops.model.rules import application, broker, live, settings
from chatops.model.rules.rule import Rule

GROUPS = ("settings", "live", "broker", "application")
"""The groups, in the order of their ids."""


def _defined(module: ModuleType) -> list[Rule]:
    return [value for value in vars(module).values() if isinstance(value, Rule)]


RULES: dict[str, Rule] = {
    rule.id: rule for module in (settings, live, broker, application) for rule in _defined(module)
}
"""All rules by id, group by group."""


def group_of(rule_id: str) -> str:
    """Name the group that an id such as `CHO204` belongs to."""
    return GROUPS[int(rule_id[3])]
