"""Accounts of the site, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asking import submit

if TYPE_CHECKING:
    import servers

PASSWORD = "correct horse battery"  # noqa: S105 - of an account that lives as long as a test


def sign_in(site: servers.Site, name: str, cookies: dict[str, str]) -> dict[str, str]:
    site.manage(
        "shell",
        "-v0",
        "-c",
        "from django.contrib.auth.models import User;"
        f"User.objects.create_user({name!r}, password={PASSWORD!r})",
    )
    form = {"username": name, "password": PASSWORD}
    return submit(site, "/accounts/login/", "/accounts/login/", form, cookies).cookies
