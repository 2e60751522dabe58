"""The rules of access: roles by e-mail address, read from the secrets file.

Does not read cookies or render pages. Imports no Streamlit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

# Makes everybody a watcher at most; `python -m dashboard --watch-only` sets it.
WATCH_ONLY_VARIABLE = "DCGAN_STUDIO_WATCH_ONLY"

_CALLBACK = "/oauth2callback"  # Streamlit's route for the provider's answer.
# 16 random bytes as hexadecimal digits. Anybody who guesses the secret can sign a cookie that names
# another person.
_MIN_SECRET_CHARACTERS = 32
_PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")


class AccessRulesError(ValueError):
    """The rules in the secrets file are wrong; the message says how to correct them."""


class Role(Enum):
    """The permissions of a person."""

    OPERATOR = "may watch, start, change and delete"
    WATCHER = "may watch, and change nothing"
    VISITOR = "may watch, and train for a limited time"
    STRANGER = "has signed in, but is named by no role"
    NOBODY = "has not signed in"

    @property
    def may_watch(self) -> bool:
        """Whether they may see pages and files."""
        return self in (Role.OPERATOR, Role.WATCHER, Role.VISITOR)

    @property
    def may_operate(self) -> bool:
        """Whether they may change something on the server that is not theirs alone."""
        return self is Role.OPERATOR

    @property
    def may_start(self) -> bool:
        """Whether they may start a run: an operator any, a visitor of a demo a bounded one."""
        return self in (Role.OPERATOR, Role.VISITOR)


@dataclass(frozen=True)
class AccessRules:
    """The access rules of one server; the default makes everybody an operator.

    Attributes:
        providers: Names of the identity providers; "" is one without a name. Empty if there is no
            login.
        redirect_uri: The address to which a provider sends people back; may contain `{port}`.
        operators, watchers: Patterns of e-mail addresses; `*` matches any characters.
        is_watch_only: Whether everybody is a watcher at most.
        is_demo: Whether everybody is a visitor of a public demo.
    """

    providers: tuple[str, ...] = ()
    redirect_uri: str = ""
    operators: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    is_watch_only: bool = False
    is_demo: bool = False

    @property
    def has_login(self) -> bool:
        """Whether people have to sign in."""
        return bool(self.providers)

    @property
    def admits_only_operators(self) -> bool:
        """Whether everybody who reaches the server is an operator."""
        return not (self.has_login or self.is_watch_only or self.is_demo)

    @property
    def host(self) -> str:
        """The host name of the server after signing in, or ""."""
        return urlsplit(self.redirect_uri).hostname or ""

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers use HTTPS."""
        return urlsplit(self.redirect_uri).scheme == "https"

    def check_base_path(self, base: str) -> None:
        """Check that providers send people back to an address of this server.

        Args:
            base: The server's base path, without a trailing slash, or "".

        Raises:
            AccessRulesError: If `redirect_uri` has another path.
        """
        path = urlsplit(self.redirect_uri).path.removesuffix(_CALLBACK)
        if self.has_login and path != base:
            raise AccessRulesError(
                f"redirect_uri in [auth] is {self.redirect_uri!r}, which is below {path or '/'}, "
                f"but the server is below {base or '/'}, so people would not get back to it; set "
                "server.baseUrlPath (STREAMLIT_SERVER_BASE_URL_PATH) to the path in redirect_uri, "
                "or correct redirect_uri."
            )

    def find_role(self, claims: Mapping[str, object]) -> Role:
        """Return the role of a person.

        Args:
            claims: Claims of the person's identity token, from `st.user` or a verified cookie;
                ignored without a login.
        """
        highest = Role.WATCHER if self.is_watch_only else Role.OPERATOR
        highest = Role.VISITOR if self.is_demo else highest
        if not self.has_login:
            return highest
        if claims.get("is_logged_in") is not True:
            return Role.NOBODY
        email = find_verified_email(claims)
        if _matches_any(email, self.operators):
            return highest
        return Role.WATCHER if _matches_any(email, self.watchers) else Role.STRANGER


def find_verified_email(claims: Mapping[str, object]) -> str:
    """Return the verified e-mail address of a person, or "".

    An address with a false claim `email_verified` is not used, as anybody could have typed it. An
    address without this claim is used: many providers issue the addresses themselves.
    """
    email = claims.get("email")
    is_verified = claims.get("email_verified", True)
    if isinstance(is_verified, str):  # Some providers send text.
        is_verified = is_verified.lower() == "true"
    return email.strip().lower() if isinstance(email, str) and is_verified is True else ""


def _matches_any(email: str, patterns: tuple[str, ...]) -> bool:
    return email != "" and any(
        re.fullmatch(".*".join(map(re.escape, pattern.lower().split("*"))), email, re.DOTALL)
        for pattern in patterns
    )


def parse_access_rules(
    secrets: Mapping[str, object], *, is_watch_only: bool = False, is_demo: bool = False
) -> AccessRules:
    """Read the access rules from the content of a secrets file.

    Args:
        secrets: The sections `[auth]`, as `st.login` uses it, and `[roles]`.
        is_watch_only: Whether everybody is a watcher at most.
        is_demo: Whether everybody is a visitor of a public demo.

    Raises:
        AccessRulesError: If a value is missing or malformed, if the secret is short enough to be
            guessed, or if the rules would admit everybody or nobody.
    """
    if is_demo:
        if is_watch_only or "auth" in secrets:
            raise AccessRulesError(
                "a demo is open to everybody, who may train for a limited time: start it without "
                "--watch-only and without a section [auth], or without --demo."
            )
        return AccessRules(is_demo=True)
    if "auth" not in secrets:
        if "roles" in secrets:
            raise AccessRulesError(
                "there is a section [roles] but no [auth], so nobody could sign in and everybody "
                "would be an operator; add [auth], or remove [roles]."
            )
        return AccessRules(is_watch_only=is_watch_only)
    auth = _read_section(secrets, "auth")
    redirect_uri = _read_text(auth, "redirect_uri")
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:  # For example an unclosed bracket.
        parts = urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not parts.path.endswith(_CALLBACK)
    ):
        raise AccessRulesError(
            f"redirect_uri in [auth] is {redirect_uri!r}; expected the address of this server in "
            f"browsers, ending in {_CALLBACK}, such as "
            f"https://studio.example.org{_CALLBACK}."
        )
    if len(_read_text(auth, "cookie_secret")) < _MIN_SECRET_CHARACTERS:
        raise AccessRulesError(
            f"cookie_secret in [auth] is shorter than {_MIN_SECRET_CHARACTERS} characters; anybody "
            'who guesses it can sign in as any person. Make one with python -c "import secrets; '
            'print(secrets.token_hex())".'
        )
    operators, watchers = _read_roles(secrets)
    return AccessRules(_read_providers(auth), redirect_uri, operators, watchers, is_watch_only)


def _read_providers(auth: Mapping[str, object]) -> tuple[str, ...]:
    sections: dict[str, Mapping[str, object]] = {}
    if any(key in auth for key in _PROVIDER_KEYS):
        sections[""] = auth
    for name, value in auth.items():
        # `client_kwargs` belongs to the provider without a name.
        if isinstance(value, Mapping) and name != "client_kwargs":
            sections[name] = value
    for name, section in sections.items():
        where = f"auth.{name}" if name else "auth"
        if "_" in name:
            raise AccessRulesError(f"[{where}]: a provider's name must not contain an underscore.")
        for key in _PROVIDER_KEYS:  # Check them; Streamlit reads their values itself.
            _read_text(section, key, where)
    if not sections:
        _read_text(auth, _PROVIDER_KEYS[0])  # Raises the error that names the missing keys.
    return tuple(sections)


def _read_roles(secrets: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    example = 'operators = ["ada@example.org"] and watchers = ["*@example.org"]'
    if "roles" not in secrets:
        raise AccessRulesError(
            "there is a section [auth] but no [roles], so nobody would have a role; add [roles] "
            f"with {example}."
        )
    roles = _read_section(secrets, "roles")
    patterns_by_role: dict[str, tuple[str, ...]] = {"operators": (), "watchers": ()}
    for name, patterns in roles.items():
        if name not in patterns_by_role:
            raise AccessRulesError(f"[roles] has {name!r}; allowed are operators and watchers.")
        if not isinstance(patterns, list) or not all(
            isinstance(pattern, str) and pattern.strip() for pattern in patterns
        ):
            raise AccessRulesError(
                f"{name} in [roles] is {patterns!r}; expected a list of e-mail addresses, in "
                "which * matches any characters."
            )
        patterns_by_role[name] = tuple(pattern.strip() for pattern in patterns)
    if not any(patterns_by_role.values()):
        raise AccessRulesError(f"[roles] names nobody; expected {example}, or one of them.")
    return patterns_by_role["operators"], patterns_by_role["watchers"]


def _read_section(secrets: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = secrets[name]
    if not isinstance(section, Mapping):
        raise AccessRulesError(
            f"{name} is {section!r}; expected a section that begins with [{name}]."
        )
    return section


def _read_text(section: Mapping[str, object], key: str, where: str = "auth") -> str:
    """Return a text that is not blank; raise AccessRulesError if there is none."""
    value = section.get(key, "")
    if not isinstance(value, str) or not value.strip():
        raise AccessRulesError(
            f"[{where}] has no {key}; it needs redirect_uri and cookie_secret, and "
            f"{', '.join(_PROVIDER_KEYS)} of the provider."
        )
    return value
