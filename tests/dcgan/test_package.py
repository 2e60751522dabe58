"""The library: its imports, its public names, and their docstrings."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dcgan
from tests.imports import list_loaded_modules

REPOSITORY = Path(__file__).parents[2]
MODULES = sorted((REPOSITORY / "dcgan").rglob("*.py"))

# Importing these must not cost the seconds and the memory of TensorFlow.
WITHOUT_TENSORS = (
    "cli.main",
    "config.training_config",
    "config.config_text",
    "data.datasets",
    "data.own_pictures",
    "diagnosis.diagnose",
    "errors",
    "export.archive",
    "charts.training_charts",
    "export.tables",
    "files.whole_files",
    "images.animation",
    "images.grids",
    "latent.arithmetic",
    "latent.sampling",
    "latent.walks",
    "recording.progress",
    "reports",
    "runs.library",
    "sweeps.queue",
)

any_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)


def list_imports(path: Path) -> set[str]:
    """Return the top-level modules that a file imports anywhere, functions included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively"
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def find_public_definitions(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Yield a file's module, public functions, public classes and their public methods."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    yield path.stem, module
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{path.stem}.{node.name}", node
            for part in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(part, ast.FunctionDef) and not part.name.startswith("_"):
                    yield f"{path.stem}.{node.name}.{part.name}", part


def test_importing_the_package_brings_in_neither_tensorflow_nor_streamlit() -> None:
    loaded = list_loaded_modules("import dcgan")
    assert "dcgan" in loaded
    assert not loaded & {"tensorflow", "keras", "numpy", "streamlit"}


def test_modules_without_tensors_do_not_import_tensorflow() -> None:
    loaded = list_loaded_modules("\n".join(f"import dcgan.{name}" for name in WITHOUT_TENSORS))
    assert not loaded & {"tensorflow", "keras", "streamlit"}


@any_module
def test_no_module_of_the_library_imports_the_dashboard(path: Path) -> None:
    # `dcgan.charts` makes figures with Plotly, and does not show them.
    forbidden = {"streamlit", "dashboard"} | (set() if path.parent.name == "charts" else {"plotly"})
    assert not list_imports(path) & forbidden


@any_module
def test_each_public_name_has_a_docstring(path: Path) -> None:
    undocumented = [
        name
        for name, node in find_public_definitions(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and not ast.get_docstring(node)
    ]
    assert not undocumented


def test_the_checks_above_see_the_files() -> None:
    assert {"training_config", "gan", "loop"} <= {path.stem for path in MODULES}
    assert "tensorflow" in list_imports(REPOSITORY / "dcgan" / "backend.py")
    assert "gan.DCGAN.train_steps" in dict(
        find_public_definitions(REPOSITORY / "dcgan" / "model" / "gan.py")
    )


@pytest.mark.parametrize("name", dcgan.__all__)
def test_every_public_name_of_the_package_can_be_loaded(name: str) -> None:
    found = getattr(dcgan, name)
    assert found.__name__ == name
    assert found.__doc__
    home = importlib.import_module(found.__module__)
    assert getattr(home, name) is found


def test_the_names_are_sorted_and_listed() -> None:
    assert dcgan.__all__ == sorted(dcgan.__all__)
    assert dir(dcgan) == dcgan.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'dcgan' has no attribute 'WGAN'"):
        _ = dcgan.WGAN
