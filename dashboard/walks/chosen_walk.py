"""A walk from stop to stop: its frames, its name and its recipe. Imports no Streamlit."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dashboard.generators.generator_source import GeneratorSource
from dcgan.files.file_names import slugify
from dcgan.latent.handwriting import walk_through_classes
from dcgan.latent.walks import PathKind, space_evenly, walk

# Added to the names of files; the usual path has none.
_FILE_WORDS: dict[PathKind, str] = {"slerp": "", "lerp": "straight", "spline": "curve"}
_POINTS_PER_FRAME = 4  # To measure how fast the picture changes along a walk.


@dataclass(frozen=True, eq=False)
class Walk:
    """A walk through at least two stops.

    Attributes:
        names: Names of the stops.
        stops: Latent batch, shape (num_stops, latent_dim).
        class_ids: The class of each stop; None if the generator knows none.
        kind: Kind of the path between two stops.
        is_closed: Whether it returns to the first stop, so that the animation loops.
        num_frames: Approximate number of frames of the animation.
        is_even: Whether each frame changes the picture by the same amount, instead of z.
    """

    names: list[str]
    stops: np.ndarray
    class_ids: list[int] | None
    kind: PathKind
    is_closed: bool
    num_frames: int
    is_even: bool

    def sample(self, source: GeneratorSource) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the latent batch of the frames, and the weights of their classes."""
        # The last stop of an open walk is one more frame.
        num_parts = len(self.stops) if self.is_closed else len(self.stops) - 1
        frames_per_part = max(2, round((self.num_frames - (not self.is_closed)) / num_parts))
        if not self.is_even:
            return self._split(self._compute_path(source, frames_per_part))
        path = self._compute_path(source, frames_per_part * _POINTS_PER_FRAME)
        if self.is_closed:
            path = np.concatenate([path, path[:1]])
        pixels, _ = source.generate(*self._split(path))
        changes = np.sqrt(((np.diff(pixels.astype(np.float32), axis=0)) ** 2).sum(axis=(1, 2, 3)))
        path = space_evenly(path, changes, num_parts * frames_per_part + 1)
        return self._split(path[:-1] if self.is_closed else path)

    def _compute_path(self, source: GeneratorSource, points_per_part: int) -> np.ndarray:
        """Return z of each point, followed by the weights of the classes if there are any.

        Args:
            source: The generator.
            points_per_part: Points from one stop to the next.
        """
        z = walk(self.stops, points_per_part, kind=self.kind, closed=self.is_closed)
        if self.class_ids is None:
            return z
        num_classes = source.run.config.num_classes
        weights = walk_through_classes(
            self.class_ids, num_classes, points_per_part, closed=self.is_closed
        )
        return np.concatenate([z, weights], axis=1)

    def _split(self, path: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Split points that `_compute_path` returned into z and the weights of the classes."""
        latent_dim = self.stops.shape[1]
        weights = None if self.class_ids is None else path[:, latent_dim:]
        return path[:, :latent_dim], weights

    def describe(self) -> str:
        """Return a description for file names and alternative texts."""
        loop = ", as a loop" if self.is_closed else ""
        speed = ", at constant speed" if self.is_even else ""
        return f"{' to '.join(self.names)} by {self.kind}{loop}{speed}"

    def make_file_stem(self, step: int | None) -> str:
        """Return the name of a file of the walk without its suffix, such as "walk-3-to-8".

        Args:
            step: Step of the generator, which is added; None for one in training.
        """
        names = [re.sub("^(a clear|the) ", "", name, flags=re.IGNORECASE) for name in self.names]
        parts = ["walk", slugify(" to ".join(names)), _FILE_WORDS[self.kind]]
        parts += ["loop" if self.is_closed else "", "" if step is None else f"step-{step}"]
        return "-".join(filter(None, parts))

    def make_recipe(self, source: GeneratorSource, step: int, num_frames: int) -> dict[str, object]:
        """Return the values from which the film of the walk can be made again.

        Args:
            source: The generator.
            step: Step of its weights.
            num_frames: Number of frames from the first stop to the last.
        """
        class_names = source.run.config.class_names
        return {
            "kind": "interpolation",
            "run": source.run.name,
            "created": source.run.created,
            "step": step,
            "walk": self.describe(),
            "stops": [[round(float(value), 6) for value in stop] for stop in self.stops],
            "classes": None
            if self.class_ids is None
            else [class_names[class_id] for class_id in self.class_ids],
            "path": self.kind,
            "is_closed": self.is_closed,
            "is_even": self.is_even,
            "frames": num_frames,
        }
