"""Access rules: reading the secrets file, and the role that follows from claims."""

from __future__ import annotations

import re

import pytest

from dashboard.access.rules import (
    AccessRules,
    AccessRulesError,
    Role,
    find_verified_email,
    parse_access_rules,
)

AUTH: dict[str, object] = {
    "redirect_uri": "https://studio.example.org/oauth2callback",
    "cookie_secret": "0123456789abcdef" * 4,
    "client_id": "id",
    "client_secret": "secret",
    "server_metadata_url": "https://login.example.org/.well-known/openid-configuration",
}
ROLES: dict[str, object] = {"operators": ["Ada@example.org", "*@staff.school.edu"]}
PROVIDER = {key: AUTH[key] for key in ("client_id", "client_secret", "server_metadata_url")}


def make_claims(email: str, **more: object) -> dict[str, object]:
    return {"is_logged_in": True, "email": email, **more}


def test_without_a_login_everybody_is_an_operator_or_a_watcher_of_a_watch_only_server() -> None:
    assert parse_access_rules({}).find_role({}) is Role.OPERATOR
    assert parse_access_rules({"other": 1}, is_watch_only=True).find_role({}) is Role.WATCHER


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        ("ada@example.org", Role.OPERATOR),
        ("ADA@EXAMPLE.ORG", Role.OPERATOR),
        ("grace@staff.school.edu", Role.OPERATOR),
        ("wim@school.edu", Role.WATCHER),
        ("staff.school.edu", Role.STRANGER),
        ("ada@example.org.evil.example", Role.STRANGER),
        ("ada@example.org\n", Role.OPERATOR),  # Whitespace around an address is ignored.
        ("ada@example.org\nx", Role.STRANGER),
        ("notada@example.org", Role.STRANGER),
        ("grace@staffxschool.edu", Role.STRANGER),  # The dot of a rule stands only for a dot.
        ("grace@staff.school.edu.evil.example", Role.STRANGER),
        ("", Role.STRANGER),
    ],
)
def test_a_pattern_matches_whole_addresses_in_any_case(email: str, expected: Role) -> None:
    rules = parse_access_rules({"auth": AUTH, "roles": {**ROLES, "watchers": ["*@school.edu"]}})
    assert rules.find_role(make_claims(email)) is expected


def test_a_person_in_both_lists_is_an_operator_or_a_watcher_of_a_watch_only_server() -> None:
    secrets: dict[str, object] = {"auth": AUTH, "roles": {**ROLES, "watchers": ["*"]}}
    ada, eve = make_claims("ada@example.org"), make_claims("eve@elsewhere.org")
    assert parse_access_rules(secrets).find_role(ada) is Role.OPERATOR
    assert parse_access_rules(secrets).find_role(eve) is Role.WATCHER
    assert parse_access_rules(secrets, is_watch_only=True).find_role(ada) is Role.WATCHER
    secrets["roles"] = ROLES
    assert parse_access_rules(secrets, is_watch_only=True).find_role(eve) is Role.STRANGER


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "ada@example.org"},
        {"email": "ada@example.org", "is_logged_in": False},
        {"email": "ada@example.org", "is_logged_in": "true"},
    ],
)
def test_other_claims_do_not_help_without_signing_in(claims: dict[str, object]) -> None:
    rules = parse_access_rules({"auth": AUTH, "roles": {"operators": ["*"]}})
    assert rules.find_role(claims) is Role.NOBODY


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "a@b.c", "email_verified": True}, "a@b.c"),
        ({"email": "a@b.c", "email_verified": "true"}, "a@b.c"),
        ({"email": "a@b.c"}, "a@b.c"),
        ({"email": "a@b.c", "email_verified": False}, ""),
        ({"email": "a@b.c", "email_verified": "false"}, ""),
        ({"email": "a@b.c", "email_verified": None}, ""),
        ({"email": "a@b.c", "email_verified": 1}, ""),
        ({"email": ["a@b.c"]}, ""),
        ({}, ""),
    ],
)
def test_an_unverified_address_is_ignored(claims: dict[str, object], expected: str) -> None:
    assert find_verified_email(claims) == expected


def test_each_section_is_a_provider() -> None:
    assert parse_access_rules({"auth": AUTH, "roles": ROLES}).providers == ("",)
    shared: dict[str, object] = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
    both = {**shared, "school": PROVIDER, "lab": PROVIDER}
    assert parse_access_rules({"auth": both, "roles": ROLES}).providers == ("school", "lab")
    with_options = {**AUTH, "client_kwargs": {"prompt": "login"}}
    assert parse_access_rules({"auth": with_options, "roles": ROLES}).providers == ("",)


@pytest.mark.parametrize(
    ("redirect_uri", "host", "is_encrypted"),
    [
        ("https://studio.example.org/oauth2callback", "studio.example.org", True),
        ("https://example.org/studio/oauth2callback", "example.org", True),
        ("http://localhost:{port}/oauth2callback", "localhost", False),
    ],
)
def test_the_redirect_address_gives_the_host_name(
    redirect_uri: str, host: str, is_encrypted: bool
) -> None:
    rules = parse_access_rules({"auth": {**AUTH, "redirect_uri": redirect_uri}, "roles": ROLES})
    assert (rules.host, rules.is_encrypted) == (host, is_encrypted)
    assert (AccessRules().host, AccessRules().is_encrypted) == ("", False)


@pytest.mark.parametrize(
    ("secrets", "reason"),
    [
        ({"auth": AUTH}, "there is a section [auth] but no [roles]"),
        ({"roles": ROLES}, "there is a section [roles] but no [auth]"),
        ({"auth": AUTH, "roles": {}}, "[roles] names nobody"),
        ({"auth": AUTH, "roles": {"operators": [], "watchers": []}}, "[roles] names nobody"),
        ({"auth": AUTH, "roles": {"operator": ["a@b.c"]}}, "[roles] has 'operator'; allowed are"),
        ({"auth": AUTH, "roles": {"operators": "*"}}, "operators in [roles] is '*'; expected a"),
        ({"auth": AUTH, "roles": {"operators": [" "]}}, "operators in [roles] is [' ']; expected"),
        ({"auth": AUTH, "roles": ["*"]}, "roles is ['*']; expected a section"),
        ({"auth": "on", "roles": ROLES}, "auth is 'on'; expected a section"),
        ({"auth": {}, "roles": ROLES}, "[auth] has no redirect_uri"),
        (
            {"auth": {**AUTH, "redirect_uri": "https://studio.example.org/"}, "roles": ROLES},
            "redirect_uri in [auth] is 'https://studio.example.org/'; expected the address",
        ),
        (
            {"auth": {**AUTH, "redirect_uri": "studio/oauth2callback"}, "roles": ROLES},
            "redirect_uri in [auth] is 'studio/oauth2callback'",
        ),
        ({"auth": {**AUTH, "cookie_secret": "x" * 31}, "roles": ROLES}, "shorter than 32"),
        ({"auth": {**AUTH, "client_secret": ""}, "roles": ROLES}, "[auth] has no client_secret"),
        (
            {"auth": {**AUTH, "lab": {**PROVIDER, "client_id": 3}}, "roles": ROLES},
            "[auth.lab] has no client_id",
        ),
        ({"auth": {**AUTH, "my_lab": PROVIDER}, "roles": ROLES}, "must not contain an underscore"),
    ],
)
def test_wrong_access_rules_are_refused_with_a_reason(
    secrets: dict[str, object], reason: str
) -> None:
    with pytest.raises(AccessRulesError, match=re.escape(reason)) as caught:
        parse_access_rules(secrets)
    assert str(AUTH["cookie_secret"]) not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "base", "is_right"),
    [
        ("/oauth2callback", "", True),
        ("/studio/oauth2callback", "/studio", True),
        ("/a/b/oauth2callback", "/a/b", True),
        ("/studio/oauth2callback", "", False),
        ("/oauth2callback", "/studio", False),
        ("/other/oauth2callback", "/studio", False),
    ],
)
def test_the_redirect_address_must_have_the_base_path(path: str, base: str, is_right: bool) -> None:
    rules = AccessRules(("",), f"https://example.org{path}")
    if is_right:
        rules.check_base_path(base)
        return
    with pytest.raises(AccessRulesError, match=r"set server\.baseUrlPath"):
        rules.check_base_path(base)
    AccessRules().check_base_path(base)  # Without a login, no sign-in leads back to the page.
