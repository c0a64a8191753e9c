"""A question that a JSON value answers with yes or no, in JMESPath."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chatops.errors import BadValue, foreign


@dataclass(frozen=True, slots=True)
class Expression:
    """A JMESPath expression, read once and asked often."""

    text: str
    _compiled: Any

    def __str__(self) -> str:
        return self.text

    def matches(self, value: object) -> bool:
        """Tell whether it finds something; null, false and what is empty are a no.

        A value that it cannot be asked of, such as the length of a number, is a no too.
        """
        try:
            found = self._compiled.search(value)
        except (ValueError, TypeError):  # JMESPath's own are of the first kind
            return False
        return found is not None and found is not False and found not in ("", [], {})

    def closeness(self, value: object) -> tuple[int, int]:
        """Count the parts joined by `&&` that match, and the fields asked for that are there."""
        return self._met(_parts(self._compiled.parsed), value), self._met(
            _fields(self._compiled.parsed), value
        )

    def _met(self, nodes: Iterator[dict[str, Any]], value: object) -> int:
        made = type(self._compiled)
        return sum(Expression(self.text, made(self.text, node)).matches(value) for node in nodes)


def expression(text: str) -> Expression:
    """Read an expression; raises `BadValue` for what is none."""
    import jmespath  # noqa: PLC0415 - who asks nothing must not pay for it
    from jmespath.functions import Functions  # noqa: PLC0415

    if not text.strip():
        raise BadValue("The JMESPath expression is empty; try: type == 'chat.message'")
    with foreign(BadValue, f"{text!r} is no JMESPath expression"):
        compiled = jmespath.compile(text)
    for name, given in _calls(compiled.parsed):
        known = Functions.FUNCTION_TABLE.get(name)
        if known is None:
            raise BadValue(f"{text!r} is no JMESPath expression: there is no function {name}().")
        wants = known["signature"]
        if given < len(wants) or (given > len(wants) and not wants[-1].get("variadic")):
            raise BadValue(
                f"{text!r} is no JMESPath expression: {name}() takes {len(wants)}, not {given}."
            )
    return Expression(text, compiled)


def _calls(node: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield each function and how many arguments it is given, which compiling does not look at."""
    if node["type"] == "function_expression":
        yield node["value"], len(node["children"])
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _calls(child)


def _parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["type"] == "and_expression":
        for child in node["children"]:
            yield from _parts(child)
    else:
        yield node


def _fields(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["type"] in {"field", "subexpression"}:
        yield node
        return
    for child in node["children"]:
        if isinstance(child, dict):
            yield from _fields(child)
