"""The scripts in `frontend/`, their place on the server, and their registration with Streamlit.

Each script is an ES module and imports others. Streamlit accepts a script in two forms: as text,
which the page runs from a `blob:` address, where relative imports fail; or as a file of an
installed package, which this program is not. So the text that Streamlit gets only imports the
module from this server (`dashboard/server_parts.py` has the route).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

import dcgan.documents

# Scripts that the page of an exported generator also uses are in the library.
_SCRIPT_FOLDERS = (
    Path(__file__).parent / "frontend",
    Path(dcgan.documents.__path__[0]) / "frontend",
)
_IMPORTED = re.compile(rb'from "\.[^"]*/([^"/]+\.js)"')
# By name: the server has all of them in one folder, so that relative imports work below any base
# path. Read once at start, so that a server does not serve a mixture of versions during an upgrade.
SCRIPTS = {
    path.name: _IMPORTED.sub(rb'from "./\1"', path.read_bytes())
    for folder in _SCRIPT_FOLDERS
    for path in sorted(folder.rglob("*.js"), key=lambda path: path.name)
}
# Browsers may keep a script forever, as an upgrade changes the address of all of them.
SCRIPTS_PATH = f"frontend/{hashlib.sha256(repr(SCRIPTS).encode()).hexdigest()[:16]}"

# The script's address is relative to the page's address, so that it is correct below a base path
# and behind a proxy. The text has several lines, as Streamlit could take a single line for a file
# name. Each call waits for the previous one, as Chromium may finish two imports of a file in any
# order, and the component would end with older data.
_LOADER = """\
let last = Promise.resolve();
export default (component) => {
  const url = new URL("PATH", document.baseURI).href;
  const result = last.then(() => import(url)).then((module) => module.default(component));
  last = result.catch(() => {});
  return result;
};
"""


def register_component(name: str) -> ComponentRenderer:
    """Register a component with Streamlit and return the function that puts it on a page.

    Args:
        name: Name of the component and of its script, whose default export Streamlit calls.

    Raises:
        KeyError: If there is no such script.
    """
    script = f"{name}.js"
    if script not in SCRIPTS:
        raise KeyError(f"There is no {script} in dashboard/components/frontend.")
    loader = _LOADER.replace("PATH", f"{SCRIPTS_PATH}/{script}")
    return st.components.v2.component(name, js=loader, isolate_styles=False)


def do_nothing() -> None:
    """Serve as a callback: Streamlit returns only values that have a callback."""
