"""Every command and write in the source of a page is for operators or the run's owner only."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dashboard.access import permissions
from dashboard.runners.queue_runner import QueueRunner
from dashboard.state.demo import Demo
from dashboard.state.live_networks import LiveNetworks
from dashboard.state.trainer import Trainer

DASHBOARD = Path(permissions.__file__).parents[1]
REPOSITORY = DASHBOARD.parent

# Public names of a `Trainer`, its networks and its queue: commands change something, reads do not.
TRAINER_COMMANDS = {
    *("start", "continue_run", "pause", "end_pause", "stop", "change_settings", "roll_back"),
    *("try_remedies", "try_pending_remedies", "skip_measuring"),
}
TRAINER_READS = {
    *("version", "get_combined_version", "is_alive", "snapshot"),
    *("silent_seconds", "is_hung", "num_failures"),
}
NETWORK_READS = {
    *("generate", "get_generator_weights", "get_discriminator_weights", "get_real_pictures"),
}
QUEUE_COMMANDS = {"add_configs", "add_runs", "remove", "release", "hold", "clear_problems"}
QUEUE_READS = {"is_released", "version", "list_waiting", "list_problems"}
# Methods that only the trainer itself and the server call.
NOT_FOR_PAGES = {"join", "shut_down", "take", "make_queued_run", "start_next"}
NOT_FOR_PAGES |= {"publish", "publish_real_pictures", "forget_run"}
NOT_FOR_PAGES |= {"record_failed_start", "update", "close", "start_thread", "record_session"}
# Methods and functions of others that write to the disk, by name.
WRITES = {
    *("unlink", "mkdir", "rmdir", "rmtree", "rename", "touch", "write_bytes", "write_text"),
    "write_label",
}
# Folders and files that carry commands out, or run before there is a visitor.
BELOW_THE_PAGES = {"process", "runners", "state", "app.py", "server_parts.py", "__main__.py"}


# Methods of a `Demo`. A command checks whether the visitor, its first argument, may send it.
DEMO_COMMANDS = {"request", "leave", "stop"}
DEMO_READS = {
    *("num_waiting", "problem", "is_alive", "owns", "is_training", "find_place", "estimate_wait"),
}
COMMANDS = TRAINER_COMMANDS | QUEUE_COMMANDS | DEMO_COMMANDS | NOT_FOR_PAGES
# Objects whose methods only share a command's name, such as `thread.start`.
OTHER_OWNERS = {"st", "session_state", "names", "thread", "_thread", "_slots", "lock", "separator"}

# A function: its module and its name.
Function = tuple[str, str]


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_page(path: Path) -> bool:
    """Return whether a file of the dashboard may be run for a visitor."""
    return path.relative_to(DASHBOARD).parts[0] not in BELOW_THE_PAGES


def find_owner(method: ast.Attribute) -> str:
    """Return the last word of the object that has a method."""
    return ast.unparse(method.value).rpartition(".")[2]


def is_guard(node: ast.expr) -> bool:
    """Return whether a decorator or a called function refuses people without the right."""
    return ast.unparse(node) in ("permissions.operators_only", "permissions.owners_only")


def names_visitor(node: ast.Call) -> bool:
    """Return whether a command to a demo names the visitor for whom the page's script runs."""
    is_for_demo = isinstance(node.func, ast.Attribute) and find_owner(node.func) == "demo"
    return (
        is_for_demo and bool(node.args) and ast.unparse(node.args[0]) == "permissions.get_visitor()"
    )


def opens_for_writing(call: ast.Call) -> bool:
    """Return whether a call opens a file to write it, or moves a file to another name."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name) if name in ("open", "replace"):
            pass
        case _:
            return False
    if name == "replace":  # A path's method has one argument, a text's method has two.
        return len(call.args) == 1 and not call.keywords
    # The mode is the second argument of `open`, and the first one of a path's `open`.
    position = 1 if isinstance(call.func, ast.Name) else 0
    modes = [*call.args[position : position + 1]]
    modes += [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    return name == "open" and any(not {*"wax+"}.isdisjoint(ast.unparse(mode)) for mode in modes)


def is_command(node: ast.AST) -> bool:
    """Return whether a node is a command or a write, called or passed on as a callback."""
    match node:
        case ast.Attribute(attr=name):
            return name in WRITES or (
                name in COMMANDS
                and not isinstance(node.value, ast.Constant)
                and find_owner(node) not in OTHER_OWNERS
            )
        case ast.Call():
            return opens_for_writing(node)
    return False


def is_file_write(node: ast.AST) -> bool:
    """Return whether a node writes; methods with the name of a command do not count."""
    is_write = isinstance(node, ast.Attribute) and node.attr in WRITES
    return is_write or (isinstance(node, ast.Call) and opens_for_writing(node))


def map_imports(nodes: Iterable[ast.AST]) -> dict[str, Function]:
    """Return the module and the name of what nodes import, by the name that it has in the file."""
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def resolve(node: ast.AST, imports: dict[str, Function], module: str = "") -> Function | None:
    """Return the function that a node may name, in its own module or in an imported one."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return imports.get(name, (module, name))
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in imports:
            return ".".join(imports[owner]), name
    return None


@functools.cache
def find_writers() -> set[Function]:
    """Find the functions below the pages that write or send a command, directly or by others."""
    writers: set[Function] = set()
    used_by: dict[Function, set[Function | None]] = {}
    for path in [*REPOSITORY.glob("dcgan/**/*.py"), *DASHBOARD.rglob("*.py")]:
        if path.is_relative_to(DASHBOARD) and is_page(path):
            continue
        writes = is_command if path.is_relative_to(DASHBOARD / "state") else is_file_write
        module = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        tree = parse(path)
        for function in tree.body:
            if isinstance(function, ast.FunctionDef):
                nodes = list(ast.walk(function))
                imports = map_imports([*tree.body, *nodes])
                used_by[module, function.name] = {resolve(node, imports, module) for node in nodes}
                if any(map(writes, nodes)):
                    writers.add((module, function.name))
    while indirect := {
        function
        for function, used in used_by.items()
        if function not in writers and not used.isdisjoint(writers)
    }:
        writers |= indirect
    return writers


def find_commands(path: Path) -> Iterator[tuple[str, bool]]:
    """Find the commands and writes in a file.

    Yields:
        The place of each, and whether it is guarded: for operators or the owner of the run only.
    """

    tree = parse(path)
    imports = map_imports(ast.walk(tree))

    def search(node: ast.AST, is_guarded: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.FunctionDef):
            is_guarded |= any(map(is_guard, node.decorator_list))
        if isinstance(node, ast.Call):
            is_guarded |= is_guard(node.func) or names_visitor(node)
        if is_command(node) or resolve(node, imports) in find_writers():
            assert isinstance(node, ast.expr)
            yield f"{path.name}:{node.lineno} {ast.unparse(node)}", is_guarded
        for child in ast.iter_child_nodes(node):
            yield from search(child, is_guarded)

    return search(tree, False)


def test_every_command_of_a_page_is_guarded() -> None:
    files = filter(is_page, sorted(DASHBOARD.rglob("*.py")))
    commands = [command for path in files for command in find_commands(path)]
    assert len(commands) > 25  # A search that finds nothing would prove nothing.
    assert [place for place, is_guarded in commands if not is_guarded] == []


@pytest.mark.parametrize(
    ("source", "guarded"),
    [
        ("st.button('x', on_click=trainer.stop)", [False]),
        ("st.button('x', on_click=permissions.operators_only(trainer.stop))", [True]),
        (
            "@permissions.operators_only\ndef f():\n    now.trainer.queue_runner.add_configs([])",
            [True],
        ),
        ("get_trainer().stop()", [False]),
        ("t = trainer\nt.stop()", [False]),
        ("from dcgan.export.archive import import_run\npath.unlink()\nimport_run(f)", [False] * 2),
        ("from dcgan.remedies.adoption import adopt_trial as adopt\nadopt(run, 1, 0)", [False]),
        ("from dcgan.remedies import study_files\nstudy_files.delete_study(run, 1)", [False]),
        ("from dcgan.remedies.study_files import read_study\nread_study(run, 1)", []),
        ("from dashboard.state.tuning_commands import start_tuning\nf(start_tuning)", [False]),
        ("shutil.rmtree(folder)\npath.rename(other)\npath.replace(other)", [False] * 3),
        ("open(path, 'w')\npath.open('ab')\npath.open(mode='r+')", [False] * 3),
        ("open('wax')\nopen(path)\npath.open('rb')\ntext.replace('a', 'b')\nst.stop()", []),
        ("demo.leave(visitor)\ndemo.leave(permissions.get_visitor())", [False, True]),
        ("trainer.start(permissions.get_visitor())", [False]),
    ],
)
def test_an_unguarded_command_is_found(source: str, guarded: list[bool], tmp_path: Path) -> None:
    file = tmp_path / "page.py"
    file.write_text(source)
    assert [is_guarded for _, is_guarded in find_commands(file)] == guarded


def list_public_names(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        (Trainer, TRAINER_COMMANDS | TRAINER_READS),
        (LiveNetworks, NETWORK_READS),
        (QueueRunner, QUEUE_COMMANDS | QUEUE_READS),
        (Demo, DEMO_COMMANDS | DEMO_READS),
    ],
)
def test_every_method_is_listed_and_every_listed_one_exists(kind: type, listed: set[str]) -> None:
    assert listed <= list_public_names(kind) <= listed | NOT_FOR_PAGES


def test_every_method_that_no_page_may_call_exists() -> None:
    kinds = (Trainer, LiveNetworks, QueueRunner, Demo)
    assert set().union(*map(list_public_names, kinds)) >= NOT_FOR_PAGES
