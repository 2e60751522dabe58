"""The warning about what strangers could do with a server."""

from __future__ import annotations

import pytest

from dashboard.access.exposure import describe_exposure
from dashboard.access.rules import AccessRules


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_a_server_that_only_this_machine_reaches_needs_no_warning(address: str) -> None:
    assert describe_exposure(address, AccessRules()) == ""


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (None, "every address of this machine"),
        ("0.0.0.0", "every address of this machine"),
        ("192.168.1.5", "listening on 192.168.1.5, without a login"),
    ],
)
def test_the_warning_names_the_address_and_the_danger(address: str | None, words: str) -> None:
    assert words in describe_exposure(address, AccessRules())
    assert "can start, stop and delete runs" in describe_exposure(address, AccessRules())


@pytest.mark.parametrize(
    ("redirect_uri", "is_dangerous"),
    [
        ("https://studio.example.org/oauth2callback", False),
        ("http://localhost:8501/oauth2callback", False),
        ("http://studio.example.org/oauth2callback", True),
    ],
)
def test_with_a_login_the_warning_is_about_missing_encryption(
    redirect_uri: str, is_dangerous: bool
) -> None:
    rules = AccessRules(providers=("",), redirect_uri=redirect_uri)
    warning = describe_exposure(None, rules)
    assert ("studio.example.org, which is not encrypted" in warning) is is_dangerous
    assert "without a login" not in warning
    assert describe_exposure("127.0.0.1", rules) == warning  # People come through a proxy.


def test_the_warning_of_a_watch_only_server_is_about_watching() -> None:
    warning = describe_exposure("0.0.0.0", AccessRules(is_watch_only=True))
    assert "without a login" in warning
    assert "change nothing" in warning
    assert "delete" not in warning
    assert describe_exposure("127.0.0.1", AccessRules(is_watch_only=True)) == ""
