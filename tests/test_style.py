"""The style that a program can check, such as the length of modules and references to files."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MAX_LINES = 350
# A docstring starts with the thing itself or with a verb that names the effect.
WRONG_START = re.compile(
    r"(What|Who|Whose|Whom|Where|How|When|Why|Which|Let|Say|Tell|Have|By which)\b"
)


def find_faults(path: Path) -> list[str]:
    """Return what is wrong with a module, one sentence each."""
    text = path.read_text(encoding="utf-8")
    num_lines = text.count("\n")
    found = []
    if num_lines > MAX_LINES:
        found.append(f"{path}: {num_lines} lines; at most {MAX_LINES} are allowed")
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and (start := WRONG_START.match(ast.get_docstring(node) or "")):
            line = getattr(node, "lineno", 1)
            found.append(f"{path}:{line}: the docstring starts with {start[0]!r}")
    return found


def test_modules_are_short_and_docstrings_start_with_the_thing_itself() -> None:
    wrong = [
        sentence
        for folder in ("dcgan", "dashboard", "docs", "tests")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        for sentence in find_faults(path)
    ]
    assert not wrong, "\n".join(wrong)


def list_session_keys(module: ast.Module) -> list[ast.expr]:
    """Return the expressions that a module uses as keys of Streamlit's session."""
    keys = []
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="session_state"), slice=key):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="session_state")), args=[key, *_]
            ):
                pass
            case ast.Compare(left=key, comparators=[ast.Attribute(attr="session_state")]):
                pass
            case _:
                continue
        keys.append(key)
    return keys


def find_wrong_session_keys(path: Path) -> list[str]:
    """Return the keys of Streamlit's session that are literals, or constants under no heading."""
    text = path.read_text(encoding="utf-8")
    module, lines = ast.parse(text), text.splitlines()
    keys = list_session_keys(module)
    names = {key.id for key in keys if isinstance(key, ast.Name)}
    found = [
        f"{path}:{key.lineno}: {key.value!r} is a literal"
        for key in keys
        if isinstance(key, ast.Constant)
    ]
    for statement in module.body:
        stored = {
            node.id
            for node in ast.walk(statement)
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Name)
        }
        if stored & names:
            # The lines above, back to the first empty one.
            above = itertools.takewhile(bool, reversed(lines[: statement.lineno - 1]))
            if not any(line.startswith("# Keys of the session") for line in above):
                found.append(f"{path}:{statement.lineno}: not under '# Keys of the session.'")
    return found


def test_keys_of_the_session_are_constants_of_one_module_under_a_heading() -> None:
    wrong = [
        sentence
        for path in sorted((REPOSITORY / "dashboard").rglob("*.py"))
        for sentence in find_wrong_session_keys(path)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_files_that_a_script_refers_to_exist() -> None:
    components = REPOSITORY / "dashboard" / "components"
    missing = [
        f"{path}: {name} does not exist"
        for path in sorted((components / "frontend").glob("*.js"))
        for name in re.findall(r"see `([a-z_]+\.py)`", path.read_text(encoding="utf-8"))
        if not (components / name).is_file()
    ]
    assert not missing, "\n".join(missing)


def test_the_check_sees_what_it_looks_for(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""A module."""\n\ndef f():\n    """Whose it is."""\n' + "\n" * MAX_LINES)
    assert len(find_faults(module)) == 2
    module.write_text('"""A module."""\n\ndef f():\n    """Whether it is."""\n')
    assert not find_faults(module)
    module.write_text('s.session_state.get("a")\ns.session_state["b"] = "c" in s.session_state\n')
    assert len(find_wrong_session_keys(module)) == 3
    module.write_text('_KEY = "key"\ns.session_state.pop(_KEY)\n')
    assert len(find_wrong_session_keys(module)) == 1
    module.write_text('# Keys of the session.\n_A = "a"\n_KEY = "key"\ns.session_state.pop(_KEY)\n')
    assert not find_wrong_session_keys(module)
