"""The walls inside the dashboard: who may import whom, and what costs an import."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "dashboard"

# What knows no page, so that it can be used, and tested, without one.
WITHOUT_STREAMLIT = (
    "admission",
    "charts",
    "comparisons",
    "diagrams",
    "elsewhere",
    "engine",
    "glossary",
    "guard",
    "limits",
    "measurement_charts",
    "monitoring",
    "page_generator",
    "picture_sets",
    "plain_text",
    "run_entry",
    "sample_files",
    "snapshot",
    "sources",
    "surveys",
    "trainer",
    "turns",
    "watchers",
)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {module_name(path): path for path in sorted(DASHBOARD.rglob("*.py"))}


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports anywhere, functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively"
            module = node.module or ""
            names.add(module)
            # `from dashboard import engine` imports a module, too.
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def loaded_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_what_knows_no_page_loads_neither_streamlit_nor_tensorflow() -> None:
    loaded = loaded_after("\n".join(f"import dashboard.{name}" for name in WITHOUT_STREAMLIT))
    assert {"dashboard", "plotly"} <= loaded
    assert not loaded & {"streamlit", "tensorflow", "keras"}


@pytest.mark.parametrize("name", WITHOUT_STREAMLIT)
def test_what_knows_no_page_imports_none_later_either(name: str) -> None:
    found = imported(DASHBOARD / f"{name}.py")
    assert not {part for part in found if part.partition(".")[0] == "streamlit"}
    pages = {f"dashboard.{other}" for other in WITHOUT_STREAMLIT}
    assert {part for part in found if part in MODULES} <= pages


@pytest.mark.parametrize("name", MODULES)
def test_only_the_library_touches_tensors(name: str) -> None:
    found = {part.partition(".")[0] for part in imported(MODULES[name])}
    allowed = {
        "dashboard.engine": {"tensorflow", "keras"},
        "dashboard.diagrams": {"keras"},  # It reads the layers' names and shapes.
        "dashboard.app_pages.learn": {"keras"},
    }
    assert found & {"tensorflow", "keras"} <= allowed.get(name, set())


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: imported(path) & MODULES.keys() for name, path in MODULES.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("dashboard.engine") < order.index("dashboard.trainer")
    assert order.index("dashboard.trainer") < order.index("dashboard.app_pages.train")


def test_no_module_but_the_frame_imports_a_page() -> None:
    for name, path in MODULES.items():
        assert not {part for part in imported(path) if part.startswith("dashboard.app_pages")}, name


def test_the_checks_above_see_the_files() -> None:
    assert {f"dashboard.{name}" for name in WITHOUT_STREAMLIT} <= MODULES.keys()
    assert "streamlit" in imported(MODULES["dashboard.app_pages.train"])
    assert "dashboard.trainer" in imported(MODULES["dashboard.app_pages.train"])
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
