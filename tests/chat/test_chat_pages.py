"""The pages over HTTP, and the settings they run under."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from asking import ask, submit

if TYPE_CHECKING:
    import servers


def test_the_lobby_and_a_room_answer(chat: servers.Site) -> None:
    answers = [ask(chat, path) for path in ("/", "/chat/lobby/", "/chat/caf%C3%A9/")]

    assert [answer.status for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize(
    "path", ["/", "/chat/lobby/", "/chat/a%20b/", "/nothing", "/accounts/login/", "/admin/login/"]
)
def test_every_page_has_the_strict_policy_and_nothing_inline(
    production: servers.Site, path: str
) -> None:
    answer = ask(production, path)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    if not path.startswith("/admin"):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", answer.text)


@pytest.mark.parametrize(
    "room", ["", "a%0Ab", "a%20b", "x" * 51, "a%2Fb", "%F0%9F%8E%89", "%00", "%FF"]
)
def test_a_name_that_is_no_room_gets_a_clear_page(chat: servers.Site, room: str) -> None:
    answer = ask(chat, f"/chat/{room}/")

    assert answer.status == 404
    assert "There is no such room" in answer.text
    assert "Go to the lobby" in answer.text


def test_the_lobbys_form_can_be_asked_for_its_head_alone(chat: servers.Site) -> None:
    answer = ask(chat, "/chat/?room=lobby", method="HEAD")

    assert (answer.status, answer.headers["Location"]) == (302, "/chat/lobby/")


def test_a_room_has_one_address(chat: servers.Site) -> None:
    answer = ask(chat, "/chat/cafe%CC%81/")

    assert (answer.status, answer.headers["Location"]) == (302, "/chat/caf%C3%A9/")


def test_the_lobbys_form_leads_to_the_room(chat: servers.Site) -> None:
    answer = ask(chat, "/chat/?room=+caf%C3%A9+")

    assert (answer.status, answer.headers["Location"]) == (302, "/chat/caf%C3%A9/")


def test_the_lobbys_form_says_what_is_wrong_with_a_room(chat: servers.Site) -> None:
    answer = ask(chat, "/chat/?room=%3Cscript%3E")

    assert answer.status == 400
    assert "letters, digits" in answer.text
    assert "<script>" not in answer.text


def test_a_guest_keeps_a_chosen_name_without_javascript(chat: servers.Site) -> None:
    saved = submit(chat, "/", "/name/", {"name": " Ada  <b> "}, {})
    room = ask(chat, "/chat/lobby/", cookies=saved.cookies)

    assert (saved.status, saved.headers["Location"]) == (302, "/")
    assert 'data-name="Ada &lt;b&gt;"' in room.text


def test_a_form_from_elsewhere_changes_nothing_and_says_so(chat: servers.Site) -> None:
    answer = ask(chat, "/name/", form={"name": "Ada"})

    assert answer.status == 403
    assert "The form was out of date" in answer.text


def test_production_serves_its_pages_modules_and_icon(production: servers.Site) -> None:
    page = ask(production, "/chat/lobby/")
    paths = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    answers = {path: ask(production, path) for path in [*paths, "/static/chat/outbox.js"]}

    assert len(answers) >= 7
    assert {answer.status for answer in answers.values()} == {200}
    assert answers["/static/chat/room.js"].headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize(("path", "host"), [("/nothing", None), ("/", "evil.example")])
def test_production_explains_itself_in_its_own_look(
    production: servers.Site, path: str, host: str | None
) -> None:
    answer = ask(production, path, host=host)

    assert answer.status == (400 if host else 404)
    assert "Go to the lobby" in answer.text


def test_rooms_json_is_a_list_of_rooms(chat: servers.Site) -> None:
    answer = json.loads(ask(chat, "/rooms.json").text)

    assert isinstance(answer["rooms"], list)


def test_the_icon_is_found_where_browsers_look(chat: servers.Site) -> None:
    answer = ask(chat, "/favicon.ico")

    assert urlsplit(answer.headers["Location"]).path == "/static/chat/favicon.svg"
