"""The documents: tables drawn from the code, links, paths, modules and commands that exist."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
import tokenize
import tomllib
from pathlib import Path

import click
import pytest

import dcgan
from dashboard.__main__ import main as dashboard_command
from dashboard.access.rules import Role, parse_access_rules
from dcgan.cli.main import main as dcgan_command
from dcgan.evaluation.sliced_wasserstein import NUM_DIRECTIONS

REPOSITORY = Path(__file__).resolve().parents[1]
GUIDES = [REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS = {
    path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8")
    for path in [*GUIDES, *sorted((REPOSITORY / "docs").glob("*.md"))]
}
# The changelog also names files that have moved since.
CURRENT_DOCUMENTS = {name: text for name, text in DOCUMENTS.items() if name != "CHANGELOG.md"}
TABLES = runpy.run_path(str(REPOSITORY / "docs" / "tables.py"))
COMMANDS = {"dashboard": dashboard_command, **dcgan_command.commands}


def list_anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_code_blocks(text: str, *languages: str) -> list[str]:
    """Return the fenced blocks of these languages; "" is a block that names none."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for language, block in blocks if language in languages]


def find_table_rows(text: str) -> list[str]:
    """Return the rows of a document's tables, without their headings."""
    tables = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n?)+)", text, re.MULTILINE)
    return [row for table in tables for row in table.splitlines()]


def list_defined_names(file: Path) -> set[str]:
    """Return what a module defines at its top."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def exists(dotted: str) -> bool:
    """Return whether `package.module`, or `package.module.name`, is in the repository."""
    path = REPOSITORY.joinpath(*dotted.split("."))
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    if path.parent == REPOSITORY / "dcgan" and path.name in dcgan.__all__:
        return True
    module = path.parent.with_suffix(".py")
    return module.exists() and path.name in list_defined_names(module)


@pytest.mark.parametrize("document", TABLES["TABLES"], ids=lambda path: path.name)
def test_the_tables_are_up_to_date(document: Path) -> None:
    assert document.read_text(encoding="utf-8") == TABLES["updated"](document), (
        "run python docs/tables.py"
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files_and_headings_that_exist(name: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", DOCUMENTS[name]):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (REPOSITORY / name).parent / path if path else REPOSITORY / name
        assert file.exists(), target
        if anchor:
            assert anchor in list_anchors(file.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_cell_of_a_table_is_empty(name: str) -> None:
    assert not [row for row in find_table_rows(DOCUMENTS[name]) if re.search(r"\|\s*\|", row)]


def test_every_document_is_linked_from_the_readme_or_the_contributing_guide() -> None:
    linked = DOCUMENTS["README.md"] + DOCUMENTS["CONTRIBUTING.md"]
    for name in DOCUMENTS:
        assert name == "README.md" or f"]({name})" in linked, name
    assert "](docs/quickstart.ipynb)" in linked


def list_missing_references(text: str) -> list[str]:
    """Return the paths and dotted names in a text that are not in the repository."""
    # A path within a longer one, such as within an address, does not count.
    paths = re.findall(r"(?<![\w/])(?:dcgan|dashboard|tests|docs|checkpoints)/[\w./-]*", text)
    # Other runs under checkpoints/ are examples.
    known = [path for path in paths if not path.startswith("checkpoints/") or "pretrained" in path]
    dotted = re.findall(r"\b(?:dcgan|dashboard)(?:\.[A-Za-z_]\w*)+", text)
    named = re.findall(r"`(\w+)`\s+(?:of|in)\s+`((?:dcgan|dashboard)/[\w/]+\.py)`", text)
    return [
        *(path for path in known if not (REPOSITORY / path.rstrip(".")).exists()),
        *(name for name in dotted if not exists(name)),
        *(
            f"{name} of {path}"
            for name, path in named
            if not exists(f"{path.removesuffix('.py').replace('/', '.')}.{name}")
        ),
    ]


def list_prose(file: Path) -> list[str]:
    """Return the comments and docstrings of a module."""
    with file.open("rb") as lines:
        comments = [
            token.string
            for token in tokenize.tokenize(lines.readline)
            if token.type == tokenize.COMMENT
        ]
    documented = (
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return comments + [ast.get_docstring(node) or "" for node in documented]


@pytest.mark.parametrize("name", CURRENT_DOCUMENTS)
def test_paths_and_modules_in_the_text_exist(name: str) -> None:
    assert not list_missing_references(CURRENT_DOCUMENTS[name])


@pytest.mark.parametrize("folder", ["dcgan", "dashboard", "tests", "docs"])
def test_paths_and_modules_in_comments_and_docstrings_exist(folder: str) -> None:
    missing = {
        f"{file}: {reference}"
        for file in sorted((REPOSITORY / folder).rglob("*.py"))
        for text in list_prose(file)
        for reference in list_missing_references(text)
    }
    assert not missing


def test_a_wrong_reference_is_found() -> None:
    text = "`dcgan.model.losses`, dcgan/nothing.py and `dcgan.training_step.losses`."
    assert list_missing_references(text) == ["dcgan/nothing.py", "dcgan.model.losses"]
    text = "`Run` of `dcgan/runs/run_folder.py` and `_DEFAULTS` of\n`dcgan/runs/manifest.py`"
    assert list_missing_references(text) == ["_DEFAULTS of dcgan/runs/manifest.py"]


def test_the_guide_has_the_number_of_directions_of_the_sliced_distance() -> None:
    assert f"along {NUM_DIRECTIONS} random directions" in DOCUMENTS["docs/evaluation.md"]


def test_the_picture_of_the_house_has_every_room() -> None:
    picture = set(re.findall(r"\w+", find_code_blocks(DOCUMENTS["docs/design.md"], "")[0]))
    for package in ("dcgan", "dashboard"):
        rooms = {path.parent.name for path in (REPOSITORY / package).glob("*/__init__.py")}
        assert rooms <= picture


def test_the_contributing_guide_has_every_benchmark() -> None:
    for path in (REPOSITORY / "tests" / "benchmarks").glob("*.py"):
        if "__main__" in path.read_text(encoding="utf-8"):
            assert f"tests/benchmarks/{path.name}`" in DOCUMENTS["CONTRIBUTING.md"]


@pytest.mark.parametrize("name", CURRENT_DOCUMENTS)
def test_python_examples_import_what_exists(name: str) -> None:
    for block in find_code_blocks(CURRENT_DOCUMENTS[name], "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("dcgan"):
                for alias in node.names:
                    assert exists(f"{node.module}.{alias.name}"), alias.name


@pytest.mark.parametrize("name", CURRENT_DOCUMENTS)
def test_commands_have_the_flags_that_the_examples_give_them(name: str) -> None:
    for block in find_code_blocks(CURRENT_DOCUMENTS[name], "", "bash"):
        for line in block.splitlines():
            found = re.search(r"-m (dashboard|dcgan (\w+))\b([^;#&>]*)", line)
            if found is None:
                continue
            command = COMMANDS[found[2] or found[1]]
            known = {flag for parameter in command.params for flag in parameter.opts}
            words = [word.partition("=")[0] for word in shlex.split(found[3])]
            assert {word for word in words if word.startswith("-")} <= known, line


def test_the_checks_above_see_the_examples() -> None:
    assert len(find_code_blocks(DOCUMENTS["docs/command-line.md"], "python")) == 6
    assert find_table_rows("| a | |\n| - | --: |\n| b | c |\n| d | |\n") == ["| b | c |", "| d | |"]
    assert isinstance(COMMANDS["train"], click.Command)
    assert exists("dcgan.errors.BackendError")
    assert exists("dcgan.DCGAN")
    assert not exists("dcgan.errors.NoSuchError")
    assert not exists("dcgan.nothing")
    assert "repeating-a-run-bit-for-bit" in list_anchors(DOCUMENTS["docs/runs.md"])


def test_every_command_and_exit_code_has_its_place_in_the_documents() -> None:
    text = DOCUMENTS["docs/command-line.md"]
    readme = DOCUMENTS["README.md"]
    for command in dcgan_command.commands:
        assert f"python -m dcgan {command}" in text
        assert f"python -m dcgan {command} " in readme or f"`{command}`" in readme, command
    for code in ("0", "1", "2", "129, 130, 143"):
        assert f"| {code} |" in text


def test_the_example_of_a_secrets_file_gives_each_person_the_described_role() -> None:
    (example,) = find_code_blocks(DOCUMENTS["docs/deployment.md"], "toml")
    rules = parse_access_rules(tomllib.loads(example.replace('"..."', f'"{"x" * 64}"')))
    roles = {
        email: rules.find_role({"is_logged_in": True, "email": email})
        for email in ("ada@example.org", "grace@staff.school.edu", "wim@school.edu", "eve@b.org")
    }
    assert list(roles.values()) == [Role.OPERATOR, Role.OPERATOR, Role.WATCHER, Role.STRANGER]
