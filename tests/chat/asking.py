"""A plain HTTP client of the site, for tests."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    import servers


class Answer:
    def __init__(self, status: int, headers: Message, text: str) -> None:
        self.status, self.headers, self.text = status, headers, text
        pairs = [
            value.split(";")[0].split("=", 1) for value in self.headers.get_all("Set-Cookie", [])
        ]
        self.cookies: dict[str, str] = dict(pairs)


def ask(  # noqa: PLR0913 - each is one choice a test makes, by name
    site: servers.Site,
    path: str,
    *,
    form: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    host: str | None = None,
    method: str | None = None,
) -> Answer:
    """Make one request, following no redirect."""
    client = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {"Host": host or f"127.0.0.1:{site.port}"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    method = method or ("GET" if form is None else "POST")
    client.request(method, path, urlencode(form or {}), headers)
    answer = client.getresponse()
    text = answer.read().decode()
    client.close()
    return Answer(answer.status, answer.msg, text)


def submit(
    site: servers.Site, page: str, path: str, form: Mapping[str, str], cookies: Mapping[str, str]
) -> Answer:
    """Send a form as the page that has it would; the answer has all cookies."""
    shown = ask(site, page, cookies=cookies)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown.text)
    assert token, shown.text
    form = {"csrfmiddlewaretoken": token[1], **form}
    answer = ask(site, path, form=form, cookies={**cookies, **shown.cookies})
    answer.cookies = {**cookies, **shown.cookies, **answer.cookies}
    return answer
