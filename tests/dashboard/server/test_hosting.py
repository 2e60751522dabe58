"""Hosting services: the host names that they give, and the site that frames the pages."""

from __future__ import annotations

import pytest

from dashboard.server.host_and_headers import is_known_host, make_headers
from dashboard.server.hosting import (
    COMMUNITY_CLOUD,
    MACHINE_VARIABLE,
    SPACE_VARIABLE,
    get_framing_site,
)


@pytest.fixture(autouse=True)
def no_hosting_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the server run on an ordinary machine: set no variable of a hosting service."""
    monkeypatch.setenv(MACHINE_VARIABLE, "laptop")
    monkeypatch.delenv(SPACE_VARIABLE, raising=False)


HOST_NAMES = (
    "ada-dcgan.hf.space",
    "digits.example.org",
    "digits.streamlit.app",
    "digits.streamlit.app:443",
    "streamlit.app",
    "evil-streamlit.app",
    "digits.streamlit.app.evil.example",
    "bob-dcgan.hf.space",
    "",
)


def list_accepted() -> set[str]:
    return {host for host in HOST_NAMES if is_known_host(host)}


def test_on_an_ordinary_machine_no_name_of_a_service_is_accepted() -> None:
    assert list_accepted() == set()
    assert get_framing_site() == ""


def test_a_space_accepts_its_own_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SPACE_VARIABLE, "Ada-dcgan.hf.space, digits.example.org,")
    assert list_accepted() == {"ada-dcgan.hf.space", "digits.example.org"}


def test_community_cloud_accepts_names_below_its_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MACHINE_VARIABLE, COMMUNITY_CLOUD)
    assert list_accepted() == {"digits.streamlit.app", "digits.streamlit.app:443"}
    assert get_framing_site() == ""  # It shows the page in a frame of the same host.


def test_the_site_of_the_spaces_may_show_a_space_in_a_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "frame-ancestors 'self';" in make_headers(get_framing_site())["Content-Security-Policy"]
    monkeypatch.setenv(SPACE_VARIABLE, "ada-dcgan.hf.space")
    framed = make_headers(get_framing_site())
    ancestors = "frame-ancestors 'self' https://huggingface.co;"
    assert ancestors in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert make_headers("")["X-Frame-Options"] == "SAMEORIGIN"
