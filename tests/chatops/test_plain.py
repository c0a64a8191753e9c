"""Values that Typer need not read, and a Typer that has other names for its own."""

from __future__ import annotations

import pytest
import typer

from chatops.cli.plain import unhurried


def verb(room: str, count: int = 1) -> None:
    """Take a text and a number."""


def parameters() -> list[object]:
    app = typer.Typer()
    app.command()(verb)
    return [each for each in typer.main.get_command(app).params if each.name in {"room", "count"}]


def test_this_typer_has_the_names_that_we_use_or_reads_as_usual() -> None:
    for each in parameters():
        if hasattr(each, "get_runtime_param"):
            assert hasattr(each.type_descriptor, "annotation")
            assert hasattr(each.type_descriptor.parameter_info, "parser")
            assert "get_runtime_param" in vars(unhurried(each))


@pytest.mark.parametrize("lacking", ["type_descriptor", "get_runtime_param"])
def test_a_typer_without_one_of_them_reads_as_usual(lacking: str) -> None:
    class Other:
        type_descriptor = None
        multiple, nargs = False, 1

        def get_runtime_param(self) -> None:
            """Read."""

    delattr(Other, lacking)
    other = Other()

    assert unhurried(other) is other
    assert vars(other) == {}
