"""The chat on uvicorn with the site's own WebSocket protocol."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import servers
from conftest import PRODUCTION
from talking import join
from websockets.exceptions import InvalidStatus

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lean(broker: servers.Valkey) -> Iterator[servers.Site]:
    """A site as the README has it for many people."""
    with servers.site(broker.url, server="uvicorn", env=PRODUCTION) as running:
        running.stop()
        running.command += ["--no-proxy-headers", "--ws", "chatsite.lean:Lean"]
        running.command += ["--ws-per-message-deflate", "false"]
        running.start()
        yield running


async def test_a_text_that_is_no_utf_8_closes_its_socket_alone_and_is_no_error(
    lean: servers.Site,
) -> None:
    async with join(lean, "lean") as odd, join(lean, "lean") as other:
        await odd.socket.send(b'{"message": "\xff"}', text=True)
        code = await odd.closed()
        pong = await other.ask({"ping": 1})

    assert (code, pong["type"]) == (1007, "pong")
    assert "Traceback" not in lean.log
    assert "ERROR" not in lean.log


async def test_texts_of_all_lengths_reach_everybody_and_a_close_has_its_code(
    lean: servers.Site,
) -> None:
    texts = ["x", "y" * 200, "ü" * 3_900, "\U0001f600" * 3_990]
    async with join(lean, "lean") as ada, join(lean, "lean") as bob:
        for text in texts:
            await ada.ask({"message": text})
        heard = [(await bob.next())["message"] for _ in texts]
    async with join(lean, path="/ws/chat/no%20room/") as nobody:
        error = await nobody.next()
        code = await nobody.closed()

    assert heard == texts
    assert (error["code"], code) == ("room", 4404)


async def test_a_page_of_another_site_gets_403(lean: servers.Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with join(lean, "lean", origin="http://evil.example"):
            pass

    assert refused.value.response.status_code == HTTPStatus.FORBIDDEN
