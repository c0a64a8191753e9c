"""A tail at a terminal: keys, a footer, colours, and the terminal as it was afterwards."""

from __future__ import annotations

import shutil
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import wire
from servers import short_folder, wait_until
from terminals import Seat
from tutorial import Tutorial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import redis
    from servers import Valkey

    Sit = Callable[..., Seat]

FOOTER = "q quits"


@pytest.fixture(scope="module")
def project(server: Valkey) -> Iterator[Tutorial]:
    with short_folder() as folder:
        yield Tutorial(folder, "pubsub", server.url)


@pytest.fixture
def sit(project: Tutorial, broker: redis.Redis) -> Iterator[Sit]:
    """Starts `chatops tail lobby` at a terminal, and returns once it watches."""
    seats: list[Seat] = []

    def start(*options: str, **env: str) -> Seat:
        command = [str(project.bin / "chatops"), "tail", "lobby", *options]
        given = {name: value for name, value in project.env.items() if name != "NO_COLOR"}
        seats.append(Seat(command, project.folder, {**given, "TERM": "xterm", **env}))
        seats[-1].until("Watching lobby")
        return seats[-1]

    yield start
    for seat in seats:
        seat.leave()


@pytest.fixture
def say(broker: redis.Redis) -> Callable[..., Any]:
    """Says something in the lobby."""
    return partial(wire.say, broker, "lobby")


def test_the_footer_counts_and_stays_below_what_is_said(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until("0 seen")
    say("first")

    said = seat.until("first")
    seat.until("1 seen  none missed", after=said)


def test_space_pauses_and_goes_on_without_a_loss(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type(" ")
    paused = seat.until("PAUSED")
    say("meanwhile")
    say("and this")
    refreshed = seat.until("PAUSED", after=seat.until("PAUSED", after=paused))
    assert "meanwhile" not in seat.seen

    seat.type(" ")

    seat.until("and this", after=seat.until("meanwhile", after=refreshed))


def test_a_filter_is_typed_into_the_footer(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type("/Ann.*tead\x7fa")
    seat.until("/Ann.*teaa_")
    seat.type("\x7f\r")
    seat.until("/Ann.*tea/")
    for name in ("Bob", "Ann"):
        say("tea", name=name)

    seat.until("tea")
    wait_until(lambda: "2 seen" in seat.seen, "both counted")
    assert "Bob" not in seat.seen


def test_a_filter_that_is_none_is_told_and_can_be_mended(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type("/(\r")
    wrong = seat.until("no regular expression")
    seat.type("\x1b")

    seat.until(FOOTER, after=wrong)


def test_a_filter_that_takes_for_ever_must_be_typed_again(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type("/(a+)+$\r")
    seat.until("(a+)+$")

    say("a" * 60 + "!")
    wrong = seat.until("takes seconds")
    seat.type("\x1b")

    seat.until(FOOTER, after=wrong)


def test_q_quits_and_the_terminal_is_as_it_was(sit: Sit) -> None:
    seat = sit()
    seat.until(FOOTER)
    assert not seat.echoes

    seat.type("q")

    assert seat.end() == 0
    assert seat.echoes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(sit: Sit, number: signal.Signals) -> None:
    seat = sit()
    seat.until(FOOTER)

    seat.process.send_signal(number)

    assert seat.end() == 130
    assert seat.echoes


def test_quitting_by_a_signal_leaves_the_terminal_as_it_was_even_where_the_loop_hangs(
    sit: Sit, say: Any
) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type("/(a+)+$\r")
    seat.until("(a+)+$")
    say("a" * 40 + "!")
    after = seat.until("filter")
    del after

    seat.type("\x1c")  # Ctrl-\

    assert seat.end() == -signal.SIGQUIT
    assert seat.echoes


def test_an_error_leaves_the_terminal_as_it_was(sit: Sit) -> None:
    seat = sit("-n", "1", "--for", "300ms")

    assert seat.end() == 6
    assert seat.echoes
    assert seat.seen.rstrip().endswith("0 of 1 messages came within 0.3 s.\x1b[0m")


def test_a_stopped_terminal_does_not_stop_signals(sit: Sit, say: Any) -> None:
    seat = sit()
    seat.until(FOOTER)
    seat.type("\x13")  # Ctrl-S
    for number in range(100):
        say(f"number {number}")

    seat.process.send_signal(signal.SIGTERM)

    assert seat.end() == 130


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_ctrl_z_gives_the_shell_its_terminal_and_fg_takes_it_back(
    project: Tutorial, broker: redis.Redis, say: Any
) -> None:
    env = {**project.env, "PS1": "shell> ", "TERM": "xterm"}
    seat = Seat([str(shutil.which("bash")), "--norc", "--noediting", "-i"], project.folder, env)
    try:
        seat.until("shell> ")
        seat.type(f"{project.bin / 'chatops'} tail lobby\n")
        watching = seat.until(FOOTER, after=seat.until("Watching lobby"))
        seat.type("\x1a")
        stopped = seat.until("shell> ", after=watching)
        assert seat.echoes
        seat.type("fg\n")
        back = seat.until(FOOTER, after=stopped)
        wait_until(lambda: not seat.echoes, "keys taken again")
        say("after all")
        seat.until("after all", after=back)
        seat.type("q")
        seat.until("shell> ", after=back)
        seat.type("exit\n")

        assert seat.end() == 0
    finally:
        seat.leave()


@pytest.mark.parametrize(
    ("env", "coloured", "footer"),
    [({}, True, True), ({"NO_COLOR": "1"}, False, True), ({"TERM": "dumb"}, False, False)],
)
def test_colours_and_the_footer_are_for_terminals_that_have_them(
    sit: Sit, say: Any, env: dict[str, str], *, coloured: bool, footer: bool
) -> None:
    seat = sit("-n", "1", **env)
    say("hello")

    assert seat.end() == 0
    line = next(line for line in seat.seen.splitlines() if "hello" in line)
    assert ("\x1b[36mlobby\x1b[0m" in line) is coloured
    assert ("\x1b[K" in seat.seen) is footer


def test_no_color_is_obeyed_as_an_option_too(sit: Sit, say: Any) -> None:
    seat = sit("-n", "1", "--no-color")
    say("hello")

    assert seat.end() == 0
    assert "\x1b[3" not in seat.seen
