"""What a user types about a visit, and the questions that an answer is asked."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.errors import BadValue
from chatops.model.expression import expression
from chatops.model.visit import visit

URL = "wss://example.com/ws/chat/lobby/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com/ws/",
        "http://example.com/ws/",
        "https://example.com/ws/",
        "ws://",
        "ws:///ws/",
        "ws://example.com:99999/",
        "ws://example.com:0/",
        "ws://example.com:port/",
        "ws://[::1/",
        "ws://example.com/a b/",
        "ws://example.com/\r\nX: y",
        "ws://example.com/#there",
        "ws://" + "ä" * 300 + "/",
    ],
)
def test_what_is_no_websocket_url_is_refused(url: str) -> None:
    with pytest.raises(BadValue, match="--websocket"):
        visit(url)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Cookie",
        ": x",
        "A B: x",
        "X: a\r\nY: b",
        "X: ü",
        "Origin: x",
        "Host: x",
        "upgrade: x",
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
        "Sec-WebSocket-Protocol: foo bar",
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(header: str) -> None:
    with pytest.raises(BadValue, match="--header"):
        visit(URL, headers=[header])


@pytest.mark.parametrize(
    ("url", "options"),
    [
        (URL, {"headers": ["Cookie: sessionid=s3crét"]}),
        (URL, {"headers": ["Bearer s3cret"]}),
        (URL, {"send": '{"token": s3cret'}),
        ("http://example.com/?token=s3cret", {}),
        ("ws://example.com/?a=b&s3cret#there", {}),
        ("ws://example.com/ws/chat/lobby/?token=s3cret", {"chat": "lobby"}),
    ],
)
def test_what_is_refused_does_not_show_what_may_be_secret(url: str, options: Any) -> None:
    with pytest.raises(BadValue) as refused:
        visit(url, **options)

    assert "s3cr" not in str(refused.value)


def test_the_url_of_a_room_is_refused_where_the_room_is_named() -> None:
    with pytest.raises(BadValue, match=r"use --websocket wss://example\.com/sub$"):
        visit("wss://example.com/sub/ws/chat/lobby/", chat="lobby")


def test_headers_that_a_site_may_ask_for_are_taken() -> None:
    wanted = ["Authorization: Bearer a=b", "Sec-WebSocket-Protocol: chat.v1, chat.v2"]

    assert [f"{name}: {value}" for name, value in visit(URL, headers=wanted).headers] == wanted


@pytest.mark.parametrize(
    "origin", ["example.com", "https://", "https://example.com/", "https://a b", "//x", "ftp"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadValue, match="--origin"):
        visit(URL, origin=origin)


@pytest.mark.parametrize(
    "options",
    [
        {"send": "{"},
        {"send": "hi"},
        {"expect": ""},
        {"expect": "type ="},
        {"expect": "nofunction(@)("},
        {"expect": "nofunction(@)"},
        {"expect": "length()"},
        {"expect": "items[?contains(@)]"},
        {"expect": "not_null()"},
        {"chat": ""},
        {"chat": "a", "send": "{}"},
        {"chat": "a", "expect": "a"},
    ],
)
def test_malformed_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(BadValue):
        visit(URL, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("ws://example.com/ws/", "http://example.com"),
        ("ws://example.com:80/ws/", "http://example.com"),
        ("ws://example.com:8000/ws/", "http://example.com:8000"),
        ("wss://Example.com/ws/", "https://example.com"),
        ("wss://example.com:443/", "https://example.com"),
        ("wss://u:p@example.com:8443/", "https://example.com:8443"),
        ("ws://[::1]:8000/", "http://[::1]:8000"),
        ("wss://bücher.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_the_origin_is_that_of_a_page_on_the_site(url: str, origin: str) -> None:
    assert visit(url).own_origin == origin


def test_a_room_of_our_chat_is_found_below_the_base() -> None:
    assert visit("wss://example.com", chat="lobby").url == "wss://example.com/ws/chat/lobby/"
    assert visit("ws://e.com/sub/", chat="ä/b").url == "ws://e.com/sub/ws/chat/%C3%A4%2Fb/"


@pytest.mark.parametrize(
    ("text", "value", "matches"),
    [
        ("message == 'hi'", {"message": "hi"}, True),
        ("message == 'hi'", {"message": "ho"}, False),
        ("count", {"count": 0}, True),
        ("done", {"done": False}, False),
        ("items", {"items": []}, False),
        ("text", {"text": ""}, False),
        ("missing", {}, False),
        ("length(@)", 3, False),
        ("[::0]", [1], False),
        ("not_null(a, b, c)", {"c": 1}, True),
        ("max_by(@, &a)", [{"a": 1}], True),
        ("@", None, False),
    ],
)
def test_an_expression_says_yes_or_no(text: str, value: object, *, matches: bool) -> None:
    assert expression(text).matches(value) is matches


@given(st.text())
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(BadValue):
        assert expression(text).matches({"a": 1}) in {True, False}
