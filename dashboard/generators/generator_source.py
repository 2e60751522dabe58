"""The generator that a page draws with: of the run in training, or of a checkpoint.

Imports no Streamlit; all methods may be called from any thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dashboard.generators.saved_generators import (
    GeneratorIdentity,
    get_identity,
    get_weights_sampler,
    load_saved_sampler,
)
from dashboard.process import tf_runtime
from dashboard.process.lru_cache import LRUCache
from dashboard.state.trainer import Trainer
from dcgan.config.named_datasets import get_picture_noun, has_digits
from dcgan.documents.packed_generator import count_multiplications, pack_generator
from dcgan.errors import RunError
from dcgan.networks.class_inputs import ClassChoice, fix_class
from dcgan.runs.run_folder import Run

# A script computes about 10⁹ multiplications per second, so one digit takes 1/20 s at most. The
# generator of the `classic` preset has 52 million.
_MAX_MULTIPLICATIONS = 60_000_000
_MAX_PACKED = 4  # Generators in the cache.


@dataclass(frozen=True, eq=False)
class GeneratorSource:
    """A generator to draw with.

    Attributes:
        run: The run of the generator.
        step: Step of its checkpoint; None for the newest, or the generator in training.
        trainer: The trainer that trains it; None for a saved generator.
        class_id: The class that it draws, an index in the run's `class_names`; None to draw all
            classes in turn, or if the run knows no classes.
    """

    run: Run
    step: int | None
    trainer: Trainer | None = None
    class_id: int | None = None

    @property
    def latent_dim(self) -> int:
        """Length of the latent vectors that it takes."""
        return self.run.config.latent_dim

    @property
    def noun(self) -> str:
        """The noun for one of its pictures: "digit" or "picture"."""
        return get_picture_noun(self.run.config.dataset)

    @property
    def class_name(self) -> str:
        """The name of the class that it draws; "" without one."""
        return "" if self.class_id is None else self.run.config.class_names[self.class_id]

    @property
    def digit(self) -> int | None:
        """The digit that it draws; None if it draws several digits, or other pictures."""
        names = map(str, range(10))
        is_digit = has_digits(self.run.config.dataset) and self.class_name in names
        return int(self.class_name) if is_digit else None

    @property
    def digits(self) -> tuple[int, ...]:
        """The digits that the run has learned, in order; empty if its pictures are not digits."""
        config = self.run.config
        if not has_digits(config.dataset):
            return ()
        return tuple(sorted(config.only_classes or range(10)))

    @property
    def identity(self) -> GeneratorIdentity:
        """The key of this generator in caches; does not change while it trains."""
        return get_identity(self.run, self.step)._replace(class_id=self.class_id)

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> tuple[np.ndarray, int]:
        """Generate images.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, (num, num_classes);
                None for `class_id`.

        Returns:
            Pixels, uint8 (num, height, width, 1 or 3), and the step of the weights.

        Raises:
            RunError: If the checkpoint is gone or damaged, or there is none yet.
        """
        if classes is None:
            classes = self.repeat_class(len(z))
        if self.trainer is not None:
            generated = self.trainer.networks.generate(self.run, z, classes)
            if generated is not None:
                return generated
        step = self._find_step()
        sampler = tf_runtime.run_for_page(load_saved_sampler, self.run, step)
        return tf_runtime.run_for_page(sampler.generate, z, classes), step

    def find_classes(self, names: Sequence[str]) -> list[int] | None:
        """Return the ids of classes, as `generate` takes them; None if no class is drawn.

        Args:
            names: The name of each image's class. A name that the run lacks, such as "", stands for
                `class_id`.
        """
        if self.class_id is None:
            return None
        indices = {name: index for index, name in enumerate(self.run.config.class_names)}
        return [indices.get(name, self.class_id) for name in names]

    def repeat_class(self, num_images: int) -> np.ndarray | None:
        """Return `class_id` once for each image, as `generate` takes it; None if it is None."""
        return None if self.class_id is None else np.full(num_images, self.class_id)

    def get_weights(self) -> tuple[list[np.ndarray], int]:
        """Return the generator's weights and their step.

        The weights are in the order of `select_generator_weights` and must not be changed.

        Raises:
            RunError: If the checkpoint is gone or damaged, or there is none yet.
        """
        if self.trainer is not None:
            live = self.trainer.networks.get_generator_weights(self.run)
            if live is not None:
                return live
        step = self._find_step()
        sampler = tf_runtime.run_for_page(load_saved_sampler, self.run, step)
        return tf_runtime.run_for_page(sampler.get_weights), step

    def _find_step(self) -> int:
        step = self.run.checkpoints.find_newest() if self.step is None else self.step
        if step is None:
            raise RunError(
                f"{self.run.read_title()} has no checkpoint yet; look again in a moment."
            )
        return step

    def freeze(self) -> FrozenGenerator:
        """Return the generator with its current weights, which further training does not change.

        Raises:
            RunError: If the checkpoint is gone or damaged, or there is none yet.
        """
        weights, step = self.get_weights()
        is_live = self.trainer is not None
        sampler = get_weights_sampler(self.run.config) if is_live else None

        def generate(z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
            if sampler is None:
                return self.generate(z, classes)[0]
            if classes is None:
                classes = self.repeat_class(len(z))
            return sampler.generate(self.run, weights, z, classes)

        return FrozenGenerator(generate, weights, step)


class Generate(Protocol):
    """A function from a latent batch, and optionally classes, to pixels."""

    def __call__(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Return pixels, uint8, shape (num, height, width, 1 or 3)."""
        ...


@dataclass(frozen=True, eq=False)
class FrozenGenerator:
    """A generator whose weights do not change.

    Attributes:
        generate: Returns pixels for a latent batch, as `GeneratorSource.generate` does.
        weights: In the order of `select_generator_weights`; must not be changed.
        step: Step of the weights.
    """

    generate: Generate
    weights: list[np.ndarray]
    step: int


def get_page_name(source: GeneratorSource) -> str:
    """Return the name that identifies a source's generator in the page's scripts."""
    step = "now" if source.trainer is not None else source.step
    class_part = "" if source.class_id is None else f", class {source.class_id}"
    return f"{source.run.name}, {source.run.created}, {step}{class_part}"


# Packed generators, by the identity of their step and `num_returns`; empty for one that is too slow
# for a page.
_packed: LRUCache[tuple[GeneratorIdentity, int], bytes] = LRUCache(_MAX_PACKED)


def pack_for_page(source: GeneratorSource) -> bytes | None:
    """Pack a source's generator for the page's scripts, cached for all tabs.

    Returns:
        The bytes that `pack_generator` returns; None if the generator is too slow for a page.

    Raises:
        RunError: If the checkpoint is gone or damaged, or there is none yet.
    """
    tf_runtime.prepare()
    from dcgan.networks.plain_layers import make_plain_layers

    # Read before the weights, so that older weights never get the key of newer ones.
    num_returns = 0 if source.trainer is None else source.trainer.networks.num_returns
    weights, step = source.get_weights()
    key = (get_identity(source.run, step)._replace(class_id=source.class_id), num_returns)
    packed = _packed.get(key)
    if packed is None:
        layers = make_plain_layers(*fix_class(weights, source.run.config, source.class_id))
        is_fast = count_multiplications(layers) <= _MAX_MULTIPLICATIONS
        packed = pack_generator(get_page_name(source), step, layers) if is_fast else b""
        _packed.put(key, packed)
    return packed or None
