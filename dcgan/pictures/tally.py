"""The tally of reading own pictures: files left out, with reasons, and remarks for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from dcgan.config.picture_codes import make_picture_code
from dcgan.config.settings import ImageShape
from dcgan.pictures import picture_limits
from dcgan.pictures.decoding import MIN_SIDE, NOT_A_PICTURE, TOO_SMALL, UNKNOWN_RANGE
from dcgan.pictures.file_kinds import ARCHIVE, UnsupportedKind

# Reasons for leaving a file out; `ImageDataset.summary` shows them. `decoding` defines the others.
NOT_READABLE = "not readable"
LINKED_FOLDER = "behind a link to a folder"
ARRAY = "other arrays or tables"
EXCLUDED = "excluded"
NEAR_DUPLICATE = "nearly the same as another"

_MAX_EXAMPLES = 1_000


@dataclass
class Tally:
    """Files that were left out, with reasons, and remarks about the files that were read.

    Attributes:
        left_out: Number of files left out, by reason.
        examples: Names of the first thousand of these files, each with its reason.
        advice: How to convert files of a kind that is not read, by reason.
        remarks: Notes for people, for example about a stretched range.
        num_hidden: Number of hidden files and folders, which are skipped.
        excluded: Codes of the pictures that the run's settings exclude.
        only: Codes of the pictures to read, if they are a sample of a set that was read before;
            None for all pictures.
        found: The excluded codes that belong to a picture of the set.
        sizes: Number of pictures by width and height in pixels, as they are stored.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    advice: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    num_hidden: int = 0
    excluded: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    found: set[str] = field(default_factory=set)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)

    def get_max_images(self, shape: ImageShape) -> int:
        """Return the largest number of pictures; a sample needs little memory in any shape."""
        if self.only is None:
            return picture_limits.get_max_images(shape)
        return picture_limits.MAX_IMAGES

    def choose(self, names: Sequence[str]) -> list[bool]:
        """Return for each picture whether to read it; count excluded pictures as left out."""
        if not self.excluded and self.only is None:
            return [True] * len(names)
        return [self._is_chosen(name) for name in names]

    def _is_chosen(self, name: str) -> bool:
        code = make_picture_code(name)
        if code in self.excluded:
            self.found.add(code)
            self.leave_out(name, EXCLUDED)
            return False
        return self.only is None or code in self.only

    def leave_out(self, name: str, why: str | UnsupportedKind, detail: str = "") -> None:
        """Count a file that is left out."""
        reason = why.name if isinstance(why, UnsupportedKind) else why
        if isinstance(why, UnsupportedKind) and reason != NOT_A_PICTURE:
            self.advice[reason] = why.advice
        self.left_out[reason] += 1
        if len(self.examples) < _MAX_EXAMPLES:
            name = "".join(c if c.isprintable() else "�" for c in name)
            name = name if len(name) <= 80 else f"…{name[-79:]}"
            self.examples.append(f"{name} ({reason}{': ' if detail else ''}{detail[:120]})")

    def count_sizes(self, images: NDArray[Any]) -> None:
        """Count an array of pictures, shape (num_images, height, width[, channels])."""
        height, width = images.shape[1:3]
        self.sizes[width, height] += len(images)

    def describe(self) -> str:
        """Return how many files were left out and why, as the end of a sentence; "" for none."""
        if not self.left_out:
            return ""
        reasons = ", ".join(
            f"{count:,} {reason}" for reason, count in sorted(self.left_out.items())
        )
        return f", {self.left_out.total():,} left out ({reasons})"

    def suggest_fix(self) -> str:
        """Return advice, in the imperative, on how to get more pictures read."""
        if self.left_out[ARCHIVE.name]:
            return (
                "unpack the archives inside it and give the folder with the pictures, or the path "
                "of one .zip or .npz itself"
            )
        if self.left_out[LINKED_FOLDER]:
            return "links to folders are not followed: give the folder that they lead to"
        if self.left_out[UNKNOWN_RANGE]:
            return (
                "save the pictures with values from 0 to 255, or 0 to 65,535, one scale for all of "
                "them"
            )
        # The most frequent reason for which there is advice.
        counts = [(count, reason) for reason, count in self.left_out.items()]
        for _, reason in sorted(counts, reverse=True):
            if reason in self.advice:
                return self.advice[reason]
        if self.num_hidden and not self.left_out:
            return (
                "hidden files and folders (with a dot before their name) are skipped: give "
                "such a folder itself, or rename what is in it"
            )
        if self.left_out[NOT_READABLE]:
            return "check the permissions of the files, and links that lead nowhere"
        if self.left_out[TOO_SMALL]:
            return f"add pictures of at least {MIN_SIDE} × {MIN_SIDE} pixels"
        return "add more pictures"


def format_mebibytes(num_bytes: int) -> str:
    """Format a size in MiB."""
    return f"{num_bytes / 2**20:,.0f} MiB"
