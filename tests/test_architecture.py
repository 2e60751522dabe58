"""Tests of the architecture: which room may import which, and what an import costs.

`ROOMS` is the whole rule. A room imports itself and the rooms that it lists here, nothing else. It
lists none by name that it does not import.
"""

from __future__ import annotations

import ast
import functools
import graphlib
import re
from pathlib import Path

import pytest

from tests.imports import list_loaded_modules

REPOSITORY = Path(__file__).parents[1]

# "dcgan" is the modules directly in dcgan/, such as errors and reports.
_LOWEST = ("dcgan", "dcgan.config", "dcgan.files")
_TO_DATA = (*_LOWEST, "dcgan.pictures", "dcgan.arrays", "dcgan.data")
_TO_STEP = (*_TO_DATA, "dcgan.networks", "dcgan.training_step")
_TO_MODEL = (*_TO_STEP, "dcgan.images", "dcgan.model")
_TO_LATENT = (*_TO_MODEL, "dcgan.digit_classifier", "dcgan.evaluation", "dcgan.latent")
_TO_RUNS = (*_TO_LATENT, "dcgan.training", "dcgan.locking", "dcgan.runs")
_TO_RECORDING = (*_TO_RUNS, "dcgan.recording")
_LIBRARY = (
    *_TO_RECORDING,
    "dcgan.data_check",
    "dcgan.charts",
    "dcgan.diagnosis",
    "dcgan.comparison",
    "dcgan.remedies",
    "dcgan.export",
    "dcgan.documents",
    "dcgan.sweeps",
    "dcgan.tuning",
    "dcgan.distributed",
)
_TO_RUNNERS = (*_LIBRARY, "dashboard.process", "dashboard.snapshots", "dashboard.runners")
_TO_STATE = (*_TO_RUNNERS, "dashboard.state")
_TO_FORMS = (
    *_TO_STATE,
    "dashboard.generators",
    "dashboard.server",
    "dashboard.access",
    "dashboard.components",
    "dashboard.own_pictures",
    "dashboard.forms",
)
_TO_WORDING = (*_TO_FORMS, "dashboard.wording")
_TO_TAB = (*_TO_WORDING, "dashboard.run_facts", "dashboard.tab")
_TO_CHARTS = (*_TO_TAB, "dashboard.charts")

ROOMS: dict[str, tuple[str, ...]] = {
    "dcgan": (),
    "dcgan.config": ("dcgan",),
    "dcgan.files": ("dcgan",),
    "dcgan.pictures": _LOWEST,
    "dcgan.arrays": (*_LOWEST, "dcgan.pictures"),
    "dcgan.data": (*_LOWEST, "dcgan.pictures", "dcgan.arrays"),
    "dcgan.images": _TO_DATA,
    "dcgan.data_check": (*_TO_DATA, "dcgan.images"),
    "dcgan.networks": _LOWEST,
    "dcgan.training_step": (*_TO_DATA, "dcgan.networks"),
    "dcgan.model": _TO_STEP,
    "dcgan.digit_classifier": _TO_DATA,
    "dcgan.evaluation": (*_TO_DATA, "dcgan.digit_classifier"),
    "dcgan.latent": (*_TO_MODEL, "dcgan.digit_classifier"),
    "dcgan.charts": (*_LOWEST, "dcgan.evaluation"),
    # The loop does not evaluate: dcgan.recording wraps it with evaluations.
    "dcgan.training": (*_TO_MODEL, "dcgan.latent"),
    "dcgan.locking": _LOWEST,
    "dcgan.runs": (*_TO_LATENT, "dcgan.locking"),
    # The rule that ends a run which no longer improves is a diagnosis.
    "dcgan.recording": (*_TO_RUNS, "dcgan.diagnosis"),
    "dcgan.diagnosis": _TO_RUNS,
    "dcgan.comparison": _TO_RECORDING,
    "dcgan.remedies": (*_TO_RECORDING, "dcgan.diagnosis", "dcgan.comparison"),
    "dcgan.export": _TO_RUNS,
    "dcgan.documents": (*_TO_RUNS, "dcgan.charts", "dcgan.diagnosis", "dcgan.export"),
    "dcgan.sweeps": (*_TO_RECORDING, "dcgan.comparison"),
    "dcgan.tuning": (*_TO_RECORDING, "dcgan.comparison"),
    "dcgan.distributed": _TO_RECORDING,
    "dcgan.cli": _LIBRARY,
    "dashboard.process": _LIBRARY,
    "dashboard.snapshots": (*_LIBRARY, "dashboard.process"),
    "dashboard.runners": (*_LIBRARY, "dashboard.snapshots"),
    "dashboard.state": _TO_RUNNERS,
    "dashboard.generators": _TO_STATE,
    "dashboard.server": _TO_STATE,
    "dashboard.access": (
        *_LIBRARY,
        "dashboard.process",
        "dashboard.snapshots",
        "dashboard.server",
    ),
    "dashboard.components": _LIBRARY,
    "dashboard.own_pictures": (*_TO_STATE, "dashboard.access", "dashboard.components"),
    "dashboard.forms": (
        *_TO_STATE,
        "dashboard.server",
        "dashboard.access",
        "dashboard.components",
        "dashboard.own_pictures",
    ),
    "dashboard.wording": (*_LIBRARY, "dashboard.access", "dashboard.components"),
    "dashboard.run_facts": _TO_FORMS,
    "dashboard.tab": (
        *_TO_STATE,
        "dashboard.generators",
        "dashboard.access",
        "dashboard.components",
        "dashboard.run_facts",
    ),
    "dashboard.charts": _TO_WORDING,
    "dashboard.remedies": _TO_TAB,
    "dashboard.welcome": _TO_TAB,
    "dashboard.quality": (*_TO_WORDING, "dashboard.charts"),
    "dashboard.tuning": _TO_WORDING,
    "dashboard.train": (
        *_TO_CHARTS,
        "dashboard.remedies",
        "dashboard.tuning",
        "dashboard.welcome",
        "dashboard.quality",
    ),
    "dashboard.recipes": _TO_TAB,
    "dashboard.explore_tools": (*_TO_TAB, "dashboard.recipes"),
    "dashboard.explore": (*_TO_TAB, "dashboard.recipes", "dashboard.explore_tools"),
    "dashboard.walks": (*_TO_TAB, "dashboard.recipes"),
    "dashboard.runs": _TO_TAB,
    "dashboard.compare_results": (*_TO_WORDING, "dashboard.run_facts", "dashboard.charts"),
    "dashboard.race": (*_TO_CHARTS, "dashboard.compare_results"),
    "dashboard.compare": (*_TO_CHARTS, "dashboard.compare_results", "dashboard.race"),
    "dashboard.learn": (*_TO_WORDING, "dashboard.run_facts"),
    "dashboard.experiments": _TO_CHARTS,
    "dashboard.app_pages": (
        *_TO_TAB,
        "dashboard.remedies",
        "dashboard.welcome",
        "dashboard.tuning",
        "dashboard.train",
        "dashboard.recipes",
        "dashboard.explore_tools",
        "dashboard.explore",
        "dashboard.walks",
        "dashboard.runs",
        "dashboard.compare_results",
        "dashboard.compare",
        "dashboard.race",
        "dashboard.learn",
        "dashboard.experiments",
    ),
    # The start of the server, the page frame and the sign-in page.
    "dashboard": (
        *_LOWEST,
        "dashboard.process",
        "dashboard.state",
        "dashboard.server",
        "dashboard.access",
        "dashboard.components",
    ),
}
# Entry points name what they start.
_ENTRY_POINTS: dict[str, set[str]] = {
    "dcgan.__main__": {"dcgan.cli"},
    "dcgan.__init__": set(ROOMS),
}

# Rooms that must be usable without Streamlit, such as by tests and threads. So must each module
# whose docstring says that it imports none.
ROOMS_WITHOUT_STREAMLIT = (
    "dcgan",
    "dashboard.process",
    "dashboard.snapshots",
    "dashboard.runners",
    "dashboard.state",
    "dashboard.generators",
)
# Modules that may import TensorFlow or Keras; all others use the library.
WITH_TENSORS = {"dcgan.backend", "dashboard.process.tf_runtime"}
# Diagrams read the layers' names and shapes.
WITH_KERAS_MODELS = {"dashboard.learn.network_layers", "dashboard.learn.networks_panel"}


def get_module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)


MODULES = {
    get_module_name(path): path
    for package in ("dcgan", "dashboard")
    for path in sorted((REPOSITORY / package).rglob("*.py"))
}


def read_docstring(module: str) -> str:
    return ast.get_docstring(ast.parse(MODULES[module].read_text(encoding="utf-8"))) or ""


WITHOUT_STREAMLIT = [
    module
    for module in MODULES
    if module.startswith(ROOMS_WITHOUT_STREAMLIT)
    or re.search(r"imports (no|neither) streamlit", read_docstring(module), re.IGNORECASE)
]


def find_room(module: str) -> str:
    """Return the room of a module: its package, or the top package for what lies in it."""
    while module not in ROOMS:
        module = module.rpartition(".")[0]
    return module


@functools.cache
def list_imports(module: str) -> frozenset[str]:
    """Return the modules that a file imports anywhere, functions included."""
    names: set[str] = set()
    path = MODULES[module]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            parts = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = parts & MODULES.keys()
            names.update(modules)
            # `from dashboard.state import trainer` imports a module, not the room's own names.
            if modules != parts:
                names.add(str(node.module))
    return frozenset(names)


def test_a_room_imports_only_the_rooms_that_it_lists() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in MODULES
        for other in sorted(list_imports(module))
        if other.partition(".")[0] in ("dcgan", "dashboard")
        and find_room(other) != find_room(module)
        and find_room(other) not in ROOMS[find_room(module)]
        and find_room(other) not in _ENTRY_POINTS.get(module, ())
    ]
    assert not wrong


def test_rooms_do_not_import_each_other_in_a_cycle() -> None:
    order = list(graphlib.TopologicalSorter(ROOMS).static_order())
    assert order.index("dcgan.model") < order.index("dcgan.training") < order.index("dcgan.cli")
    assert order.index("dashboard.state") < order.index("dashboard.app_pages")


def test_modules_do_not_import_each_other_in_a_cycle() -> None:
    graph = {
        name: list_imports(name) & MODULES.keys() for name in MODULES if name not in _ENTRY_POINTS
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("dashboard.state.trainer") < order.index("dashboard.app_pages.train")


def list_claimed_rooms() -> dict[str, set[str]]:
    """Return the rooms that each row of `ROOMS` names, and the highest room of its ranges."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    (table,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "ROOMS"
    )
    assert isinstance(table, ast.Dict)
    claimed: dict[str, set[str]] = {}
    for room, value in zip(ROOMS, table.values, strict=True):
        parts = value.elts if isinstance(value, ast.Tuple) else [value]
        claimed[room] = {str(part.value) for part in parts if isinstance(part, ast.Constant)}
        ranges = {ast.unparse(part).lstrip("*") for part in parts} & globals().keys()
        # Every room may import all of these two.
        claimed[room] |= {globals()[name][-1] for name in ranges - {"_LOWEST", "_LIBRARY"}}
    return claimed


def test_a_room_imports_the_rooms_that_its_row_names_and_the_highest_of_its_ranges() -> None:
    claimed = list_claimed_rooms()
    assert "dashboard.charts" in claimed["dashboard.compare"]
    assert "dashboard.remedies" in claimed["dashboard.train"]
    for module in MODULES:
        claimed[find_room(module)] -= {
            find_room(other)
            for other in list_imports(module)
            if other.startswith(("dcgan", "dashboard"))
        }
    assert not {room: unused for room, unused in claimed.items() if unused}


def test_every_room_says_what_it_owns() -> None:
    for room in ROOMS:
        if room.count(".") == 1:
            tree = ast.parse(MODULES[f"{room}.__init__"].read_text(encoding="utf-8"))
            assert read_docstring(f"{room}.__init__"), room
            assert len(tree.body) == 1, f"{room}/__init__.py holds only its docstring"


def test_each_test_is_in_a_folder_named_after_a_room() -> None:
    folders = {
        path.relative_to(REPOSITORY / "tests").parent
        for package in ("dcgan", "dashboard")
        for path in (REPOSITORY / "tests" / package).rglob("test_*.py")
    }
    assert len(folders) > 20
    assert {".".join(folder.parts) for folder in folders} <= ROOMS.keys()


def test_only_the_library_touches_tensors() -> None:
    wrong = {
        module
        for module in MODULES
        if {part.partition(".")[0] for part in list_imports(module)} & {"tensorflow", "keras"}
    }
    assert wrong <= WITH_TENSORS | WITH_KERAS_MODELS


def test_rooms_without_streamlit_do_not_import_it() -> None:
    for module in WITHOUT_STREAMLIT:
        assert "streamlit" not in {part.partition(".")[0] for part in list_imports(module)}, module


def test_the_dashboard_loads_no_tensorflow_and_some_rooms_no_streamlit() -> None:
    # The first page of a new server would wait seconds for TensorFlow.
    rooms = [name for name in MODULES if re.match(r"dashboard\.(?!app_pages)\w+\.\w", name)]
    loaded = list_loaded_modules("import " + ", ".join(rooms))
    assert {"dashboard", "streamlit", "plotly"} <= loaded
    assert not loaded & {"tensorflow", "keras"}
    loaded = list_loaded_modules("import " + ", ".join({*rooms}.intersection(WITHOUT_STREAMLIT)))
    assert "dashboard" in loaded
    assert "streamlit" not in loaded


def test_the_checks_above_see_the_files() -> None:
    assert len(MODULES) > 100
    assert "streamlit" in list_imports("dashboard.app_pages.train")
    assert "dashboard.state.trainer" in list_imports("dashboard.app_pages.train")
    assert find_room("dcgan.errors") == "dcgan"
    # Found by its docstring, in a room that imports Streamlit.
    assert "dashboard.charts.compared_runs" in WITHOUT_STREAMLIT
    assert "dashboard.compare.overlay_panel" not in WITHOUT_STREAMLIT
    with pytest.raises(graphlib.CycleError):
        list(graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
