"""Hosting services, recognized by environment variables.

Owns the host names that a service gives to a server, and the site that shows its pages in a frame.
"""

from __future__ import annotations

import os

# Hugging Face Spaces: the host names of the Space, separated by commas. Its page on huggingface.co
# shows the Space in a frame.
SPACE_VARIABLE = "SPACE_HOST"
_SPACE_FRAME = "https://huggingface.co"

# Streamlit Community Cloud sets no variable with the host name, but its machines have this name.
# Only the service controls names below its domain, so any machine of that name may accept them all.
MACHINE_VARIABLE = "HOSTNAME"
COMMUNITY_CLOUD = "streamlit"
_COMMUNITY_CLOUD_DOMAIN = ".streamlit.app"


def is_hosted_name(name: str) -> bool:
    """Return whether a hosting service forwards requests for a host name to this server.

    Args:
        name: A host name in lower case, without a port.
    """
    if name and name in _list_space_hosts():
        return True
    is_community_cloud = os.environ.get(MACHINE_VARIABLE) == COMMUNITY_CLOUD
    return is_community_cloud and name.endswith(_COMMUNITY_CLOUD_DOMAIN)


def get_framing_site() -> str:
    """Return the origin of the site that shows this server's pages in a frame, or ""."""
    return _SPACE_FRAME if _list_space_hosts() else ""


def _list_space_hosts() -> list[str]:
    names = os.environ.get(SPACE_VARIABLE, "").lower().split(",")
    return [name for name in map(str.strip, names) if name]
