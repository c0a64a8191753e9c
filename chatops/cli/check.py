"""The verb `check`, which is also `manage.py layer_check`."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatops.cli.options import SameCodec, duration, percent, verb

if TYPE_CHECKING:
    from chatops.cli.session import Session
    from chatops.model.source import LayerSource

Words = Annotated[
    list[str] | None,
    typer.Option(metavar="ID|GROUP", help="CHO204, CHO2xx, settings, live, broker, application."),
]


def _another(source: "LayerSource", given: dict[str, Any]) -> AbstractContextManager[object]:
    """Start another process while this one loads the project, where one will be needed."""
    from chatops.cli.asked import chosen  # noqa: PLC0415 - --help must not pay for it
    from chatops.operations.twin import twin  # noqa: PLC0415

    return twin(source, chosen(given["only"] or (), given["skip"] or ()))


@verb(
    document=True,
    ahead=_another,
    examples="chatops check\n"
    "chatops check --layer other --json\n"
    "chatops check --only settings,CHO101 --strict\n"
    "chatops check --wait 60s --skip CHO106\n"
    "chatops check --format nagios --rtt-warn 50ms --rtt-crit 500ms\n"
    "chatops check --websocket wss://example.com/ws/chat/lobby/\n"
    "chatops check --websocket wss://example.com --chat lobby\n"
    "chatops check --all-layers --format prometheus --output chatops.prom",
)
def check(  # noqa: PLR0913 - each is one option
    session: "Session",
    *,
    only: Words = None,
    skip: Words = None,
    samples: Annotated[
        int, typer.Option(min=1, max=100_000, help="How many round trips to time.")
    ] = 20,
    rtt_warn: Annotated[
        float,
        typer.Option(
            parser=duration, metavar="DURATION", help="Median round trip that is a warning."
        ),
    ] = "100ms",  # type: ignore[assignment] # Typer reads it by the parser
    rtt_crit: Annotated[
        float,
        typer.Option(
            parser=duration, metavar="DURATION", help="Median round trip that is a failure."
        ),
    ] = "1s",  # type: ignore[assignment]
    loss_crit: Annotated[
        float,
        typer.Option(
            parser=percent, metavar="PERCENT", help="More messages lost than this is a failure."
        ),
    ] = "0%",  # type: ignore[assignment]
    deep: Annotated[
        bool, typer.Option("--deep", help="Also what takes seconds: idling, expiry, a cut.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(
            parser=duration, metavar="DURATION", help="How long the layer may be silent, in all."
        ),
    ] = "5s",  # type: ignore[assignment]
    wait: Annotated[
        float | None,
        typer.Option(
            parser=duration, metavar="DURATION", help="Repeat until healthy, for so long."
        ),
    ] = None,
    same_codec: SameCodec = False,
    strict: Annotated[bool, typer.Option("--strict", help="A warning is a failure.")] = False,
    all_layers: Annotated[
        bool, typer.Option("--all-layers", help="Check every alias of CHANNEL_LAYERS.")
    ] = False,
    websocket: Annotated[
        str | None, typer.Option(metavar="URL", help="Also open a socket to a running site.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Its Origin; by default that of the site's own pages.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="A header of its handshake.")
    ] = None,
    send: Annotated[
        str | None, typer.Option(metavar="JSON", help="Send this on it, as it stands.")
    ] = None,
    expect: Annotated[
        str | None, typer.Option(metavar="JMESPATH", help="Wait for a message that matches.")
    ] = None,
    chat: Annotated[
        str | None,
        typer.Option(metavar="ROOM", help="Speak our own chat's protocol, in this room."),
    ] = None,
) -> None:
    """Find out why messages vanish: settings, round trips, groups, another process, the server.

    Uses channels and groups of its own and leaves nothing behind. `chatops explain ID` tells
    more of a finding.
    """
    # Here, because --help must not pay for it.
    from chatops.cli.asked import require, visited, wanted  # noqa: PLC0415
    from chatops.operations.survey import survey  # noqa: PLC0415

    asked = wanted(
        only=only or (),
        skip=skip or (),
        samples=samples,
        rtt_warn=rtt_warn,
        rtt_crit=rtt_crit,
        loss_crit=loss_crit,
        deep=deep,
        timeout=timeout,
        strict=strict,
    )
    site = visited(
        websocket, origin=origin, headers=header or (), send=send, expect=expect, chat=chat
    )
    session.vouched = same_codec
    require(asked, site)
    layers = session.layers(every=all_layers)
    session.collect(
        survey(layers, session.source, asked, wait=wait, visit=site, other=session.ahead)
    )
