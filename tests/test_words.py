"""The words of texts that people read: one word for one thing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from dcgan.config.setting_info import get_setting_label
from dcgan.config.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[1]

# Words that no text shows, with the word to use.
WRONG_WORDS = {
    re.compile(r"\bimages?\b", re.IGNORECASE): "picture",
    re.compile(r"\bevaluat(ions?|ed)\b", re.IGNORECASE): "measurement, measured",
    re.compile(r"\bluck\b", re.IGNORECASE): "chance",
    re.compile(r"\bvariants\b", re.IGNORECASE): "settings",
    re.compile(r"\bfresh weights\b|\bstarts? fresh\b", re.IGNORECASE): "random weights",
    re.compile(r"\bbegun\b|\banew\b", re.IGNORECASE): "started, again",
}
# Texts that may have such a word, by the reason. Elsewhere `images` is the name of an array.
ALLOWED = (
    re.compile(r"\bimages(\.|=| and z\b|, uint8)|\(images\b"),  # Code, and arrays in a file.
    re.compile(r"\bimages? must\b"),  # An argument of that name.
    re.compile(r"image/|url\(|SHA"),  # Types of files.
    re.compile(r"step, epoch, evaluation"),  # Values in a table of a file.
    re.compile(r"medical image"),  # The name of a kind of file.
)
# Modules whose errors only programmers read: they name arrays.
CALLED_WITH_ARRAYS = (
    "dcgan/images/",
    "dcgan/evaluation/metrics.py",
    "dcgan/evaluation/neighbors.py",
)


def list_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module with their lines: strings with a space, except docstrings."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and " " in node.value
        ):
            yield node.lineno, node.value


def find_wrong_words(text: str) -> list[str]:
    """Return the words of a text that another word should replace."""
    if any(pattern.search(text) for pattern in ALLOWED):
        return []
    return [
        f"{match[0]!r} (use {better!r})"
        for pattern, better in WRONG_WORDS.items()
        for match in pattern.finditer(text)
    ]


def test_texts_have_one_word_for_one_thing() -> None:
    wrong = [
        f"{path}:{line}: {word} in {text!r}"
        for folder in ("dashboard", "dcgan")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        if not path.relative_to(REPOSITORY).as_posix().startswith(CALLED_WITH_ARRAYS)
        for line, text in list_texts(path)
        for word in find_wrong_words(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_glossary_has_the_same_words() -> None:
    path = REPOSITORY / "dashboard" / "wording" / "glossary.toml"
    chapters = tomllib.loads(path.read_text(encoding="utf-8"))["chapters"]
    wrong = [
        f"{entry['key']}: {word}"
        for chapter in chapters
        for entry in chapter["entries"]
        for name in ("term", "short", "more")
        for word in find_wrong_words(entry.get(name, ""))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_check_finds_wrong_words(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""An image."""\nA = f"{1} images"\nB = "images"\n')
    assert list(list_texts(module)) == [(2, " images")]
    assert find_wrong_words(" images") == ["'images' (use 'picture')"]
    assert not find_wrong_words("np.save(file, images=pictures)")


def test_labels_of_settings_have_no_names_of_code() -> None:
    labels = [get_setting_label(name) for name in Settings.model_fields]
    assert not [label for label in labels if "_" in label]
