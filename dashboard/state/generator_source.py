"""Generators that pages draw with: of the run that trains now, or a saved checkpoint.

No Streamlit here; a source draws from any thread.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboard.state import page_generator, tf_runtime
from dashboard.state.snapshot import read_only
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run

if TYPE_CHECKING:
    from dcgan.model.sampler import Sampler

# Generators kept ready; each holds a few megabytes.
_MAX_SAMPLERS = 8
# For the page's generator: a script makes some 10⁹ a second, so a digit takes a twentieth of one.
# `classic` has 52 million.
_MAX_MULTIPLICATIONS = 60_000_000
_MAX_PACKED = 4
MAX_MOMENTS = 24  # Of a look through training: a film of ten seconds.
_MAX_KEPT_BYTES = 2**26  # Of weights, kept ready for it: 50 default generators.


@dataclass(frozen=True, eq=False)
class GeneratorSource:
    """A generator to draw with.

    Attributes:
        run: Whose generator.
        step: Its checkpoint; None for the generator that is being trained at this moment.
        trainer: Who trains it, if it is live.
    """

    run: Run
    step: int | None
    trainer: Trainer | None = None

    @property
    def latent_dim(self) -> int:
        """Length of the latent vectors that it takes."""
        return self.run.config.latent_dim

    def generate(self, z: np.ndarray) -> tuple[np.ndarray, int]:
        """Draw pictures.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels, uint8 (num, height, width, 1), and the step of the weights that drew them.

        Raises:
            RunError: If the checkpoint is gone or damaged, or there is none yet.
        """
        if self.trainer is not None:
            drawn = self.trainer.generate(self.run, z)
            if drawn is not None:
                return drawn
        sampler, step = self._saved()
        return tf_runtime.run_for_page(sampler.generate, z), step

    def get_weights(self) -> tuple[list[np.ndarray], int]:
        """Return the generator's weights, ordered as by `select_generator_weights`, and their step.

        They are not to be written to.

        Raises:
            RunError: As of `generate`.
        """
        if self.trainer is not None:
            found = self.trainer.get_weights(self.run)
            if found is not None:
                return found
        sampler, step = self._saved()
        return tf_runtime.run_for_page(sampler.get_weights), step

    def _saved(self) -> tuple[Sampler, int]:
        step = self.step
        if step is None:
            step = self.run.checkpoints.find_newest()
        if step is None:
            raise RunError(f"{self.run.name} has no checkpoint yet; look again in a moment.")
        return tf_runtime.run_for_page(_saved_sampler, _moment(self.run, step)), step

    def freeze(self) -> FrozenGenerator:
        """Return the generator as it is now, whatever training makes of it meanwhile.

        Raises:
            RunError: As of `generate`.
        """
        weights, step = self.get_weights()
        if self.trainer is None:
            return FrozenGenerator(lambda z: self.generate(z)[0], weights, step)
        machine = tf_runtime.run_for_page(_machine, self.run.config)
        return FrozenGenerator(lambda z: machine.generate(self.run, weights, z), weights, step)

    @property
    def moment(self) -> Moment:
        """The identity of this generator; that of a training run stays the same."""
        return _moment(self.run, self.step)


@dataclass(frozen=True, eq=False)
class FrozenGenerator:
    """A generator at one moment.

    Attributes:
        generate: From a latent batch to pixels, as of `GeneratorSource.generate`.
        weights, step: As of `GeneratorSource.get_weights`.
    """

    generate: Callable[[np.ndarray], np.ndarray]
    weights: list[np.ndarray]
    step: int


class Moment(NamedTuple):
    """A checkpoint, told from a later one of the same step, or of a new run in the same folder."""

    path: Path
    created: str
    step: int | None
    written: int


def _moment(run: Run, step: int | None) -> Moment:
    written = 0 if step is None else run.checkpoints.read_time(step)
    return Moment(run.path, run.created, step, written)


@lru_cache(maxsize=_MAX_SAMPLERS)
def _saved_sampler(moment: Moment) -> Sampler:
    from dcgan.export.samplers import load_sampler

    return load_sampler(open_run(moment.path), moment.step)[0]


def get_page_name(source: GeneratorSource) -> str:
    """Return the name by which the page knows a source's generator."""
    step = "now" if source.trainer is not None else source.step
    return f"{source.run.name}, {source.run.created}, {step}"


def pack_for_page(source: GeneratorSource) -> bytes | None:
    """Pack a source's generator for the page, once for all tabs; see `page_generator.pack`.

    Returns:
        The bytes; None of a generator that is too slow for a page.

    Raises:
        RunError: As of `GeneratorSource.generate`.
    """
    tf_runtime.prepare()
    from dcgan.model.plain_layers import plain_layers

    name = get_page_name(source)
    weights, step = source.get_weights()
    key = (source.moment, step)
    with _KEEPING:
        if key in _packed:
            _packed.move_to_end(key)
            return _packed[key]
    layers = plain_layers(weights, source.run.config)
    is_quick = page_generator.count_multiplications(layers) <= _MAX_MULTIPLICATIONS
    packed = page_generator.pack(name, layers) if is_quick else None
    with _KEEPING:
        _packed[key] = packed
        if len(_packed) > _MAX_PACKED:
            _packed.popitem(last=False)
    return packed


def generate_through_training(run: Run, z: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Draw the same z with a run's checkpoints, and with the weights before the first step.

    A checkpoint that cannot be read is passed over: a run in training lets go of some meanwhile.
    Of many, MAX_MOMENTS are drawn, evenly spread, the first and the newest among them.

    Args:
        run: The run.
        z: Latent batch, shape (num, latent_dim), float32.

    Returns:
        Steps, ascending, each with its pixels as of `Sampler.generate`.
    """
    moments = []
    for step in list_moments(run):
        with contextlib.suppress(RunError):
            moments.append((step, generate_at(run, step, z)))
    return moments


def generate_at(run: Run, step: int, z: np.ndarray) -> np.ndarray:
    """Draw with one of a run's checkpoints, or before its first step.

    Args:
        run: The run.
        step: One of `list_moments`.
        z: Latent batch, shape (num, latent_dim), float32.

    Returns:
        Pixels, as of `Sampler.generate`.

    Raises:
        RunError: If the checkpoint is gone or damaged, or does not fit the run's settings.
    """
    tf_runtime.prepare()
    weights = None if step == 0 else _saved_weights(run, step)
    return tf_runtime.run_for_page(_machine, run.config).generate(run, weights, z)


def list_moments(run: Run) -> list[int]:
    """Return the steps that a look through training shows, ascending, 0 being the first."""
    steps = [0, *filter(None, run.checkpoints.list_steps())]
    places = np.linspace(0, len(steps) - 1, min(len(steps), MAX_MOMENTS))
    return [steps[place] for place in np.rint(places).astype(int)]


class _Machine:
    """A sampler that takes over weights after weights, and those that a run begins with."""

    def __init__(self, config: TrainingConfig) -> None:
        from dcgan.model.sampler import Sampler

        self._lock = threading.Lock()
        self._sampler = Sampler(config)
        # Drawn from the run's seed, as its own were.
        self._first_weights = read_only(self._sampler.get_weights())

    def generate(self, run: Run, weights: list[np.ndarray] | None, z: np.ndarray) -> np.ndarray:
        """Draw with weights; with the first ones where there are none.

        Raises:
            RunError: If they do not fit.
        """
        return tf_runtime.run_for_page(self._draw, run, weights, z)

    def _draw(self, run: Run, weights: list[np.ndarray] | None, z: np.ndarray) -> np.ndarray:
        from dcgan.export.samplers import set_checkpoint_weights

        with self._lock:
            set_checkpoint_weights(
                self._sampler.set_weights, run, self._first_weights if weights is None else weights
            )
            return self._sampler.generate(z)


@lru_cache(maxsize=2)
def _machine(config: TrainingConfig) -> _Machine:
    return _Machine(config)


_packed: OrderedDict[tuple[Moment, int], bytes | None] = OrderedDict()
_kept_weights: OrderedDict[Moment, list[np.ndarray]] = OrderedDict()
_KEEPING = threading.Lock()


def _saved_weights(run: Run, step: int) -> list[np.ndarray]:
    """Return a checkpoint's weights, kept ready as far as they fit into _MAX_KEPT_BYTES."""
    moment = _moment(run, step)
    with _KEEPING:
        weights = _kept_weights.get(moment)
    if weights is None:
        from dcgan.model.state import select_generator_weights

        weights = read_only(select_generator_weights(run.checkpoints.load(step)))
    with _KEEPING:
        _kept_weights[moment] = weights
        _kept_weights.move_to_end(moment)
        sizes = [sum(array.nbytes for array in kept) for kept in _kept_weights.values()]
        while sum(sizes) > _MAX_KEPT_BYTES:
            _kept_weights.popitem(last=False)
            del sizes[0]
    return list(weights)
