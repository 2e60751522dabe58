"""A walk from stop to stop: its frames, its name and its recipe. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.generators.generator_source import GeneratorSource
from dcgan.latent.handwriting import walk_through_classes
from dcgan.latent.walks import PathKind, space_evenly, walk

_POINTS_PER_FRAME = 4  # For measuring how fast the picture changes along a walk.


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
        num_legs = len(self.stops) if self.is_closed else len(self.stops) - 1
        per_leg = max(2, round((self.num_frames - (not self.is_closed)) / num_legs))
        if not self.is_even:
            return self._split(self._join(source, per_leg))
        fine = self._join(source, per_leg * _POINTS_PER_FRAME)
        if self.is_closed:
            fine = np.concatenate([fine, fine[:1]])
        pixels, _ = source.generate(*self._split(fine))
        steps = np.sqrt(((np.diff(pixels.astype(np.float32), axis=0)) ** 2).sum(axis=(1, 2, 3)))
        even = space_evenly(fine, steps, num_legs * per_leg + 1)
        return self._split(even[:-1] if self.is_closed else even)

    def _join(self, source: GeneratorSource, per_leg: int) -> np.ndarray:
        """Return z of each frame, followed by the weights of the classes."""
        z = walk(self.stops, per_leg, kind=self.kind, closed=self.is_closed)
        if self.class_ids is None:
            return z
        num_classes = source.run.config.num_classes
        weights = walk_through_classes(self.class_ids, num_classes, per_leg, closed=self.is_closed)
        return np.concatenate([z, weights], axis=1)

    def _split(self, joined: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        latent_dim = self.stops.shape[1]
        weights = None if self.class_ids is None else joined[:, latent_dim:]
        return joined[:, :latent_dim], weights

    def describe(self) -> str:
        """Return the walk in words."""
        closed = ", as a loop" if self.is_closed else ""
        even = ", at constant speed" if self.is_even else ""
        return f"{' to '.join(self.names)} by {self.kind}{closed}{even}"

    def make_recipe(self, source: GeneratorSource, step: int, num_frames: int) -> dict[str, object]:
        """Return what is needed to make the film of the walk again.

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
