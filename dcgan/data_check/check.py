"""The check of a set of the user's pictures, which changes no file.

This module reads the pictures once and collects the findings of the other modules.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from dcgan.config.picture_codes import make_picture_code
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.data.near_duplicates import Pairs, find_near_duplicates, find_originals
from dcgan.data.own_pictures import StoredPictures, read_sample
from dcgan.data_check.outliers import Outlier, find_outliers
from dcgan.pictures.picture_fitting import Pixels
from dcgan.progress import ProgressCallback, no_progress

_NUM_SAMPLED = 100  # Pictures that are read again in colour.
# A picture has colours if the channels of this share of its pixels differ by this many of 255
# levels. The channels of grey pictures that were saved as JPEG differ by a few levels.
_COLORED_SHARE, _COLORED_LEVELS = 0.02, 32


@dataclass(frozen=True, eq=False)
class DataCheck:
    """The findings of the check of a set of the user's pictures.

    Attributes:
        config: The settings with which the pictures were read; nothing is left out.
        dataset: The pictures.
        stored: Facts about their files.
        pairs: Pairs of near-duplicates, as `find_near_duplicates` returns them.
        outliers: Pictures that are unlike the others, the most unlike first.
        num_sampled: Number of pictures that were read in colour.
        num_colored: Number of these pictures that have colours.
    """

    config: TrainingConfig
    dataset: ImageDataset
    stored: StoredPictures
    pairs: Pairs
    outliers: tuple[Outlier, ...]
    num_sampled: int
    num_colored: int

    @property
    def path(self) -> str:
        """The path of the pictures."""
        return self.config.dataset

    @property
    def has_colors(self) -> bool:
        """Whether a tenth of the pictures or more have colours."""
        return 10 * self.num_colored >= max(1, self.num_sampled)

    def list_near_duplicates(self, excluded: frozenset[str] = frozenset()) -> list[list[int]]:
        """Return the groups of near-duplicates; the first picture of each would be kept.

        Args:
            excluded: Codes of pictures that the settings exclude.

        Returns:
            The indices of the pictures of each group, at least two.
        """
        is_kept = np.array([code not in excluded for code in self.codes], bool)
        pairs = self.pairs[is_kept[self.pairs].all(axis=1)]
        originals = find_originals(pairs, len(self.dataset))
        groups: dict[int, list[int]] = {}
        for index in np.flatnonzero(originals != np.arange(len(originals))).tolist():
            groups.setdefault(int(originals[index]), []).append(index)
        return [[original, *copies] for original, copies in sorted(groups.items())]

    @functools.cached_property
    def codes(self) -> tuple[str, ...]:
        """The code of each picture, by which the settings can exclude it."""
        return tuple(map(make_picture_code, self.dataset.names))


def check_pictures(config: TrainingConfig, progress: ProgressCallback = no_progress) -> DataCheck:
    """Read own pictures and check them.

    Args:
        config: Path, size, colour and polarity of the pictures.
        progress: Reports the progress of each part of the work.

    Raises:
        DatasetError: If the pictures cannot be used at all; see `load_dataset`.
    """
    config = config.replace(excluded_pictures=(), near_duplicates="keep")
    dataset = load_configured_dataset(config, progress)
    assert dataset.stored is not None, "Only own pictures are checked."
    sample = _read_colored_sample(config, dataset, progress)
    return DataCheck(
        config,
        dataset,
        dataset.stored,
        find_near_duplicates(dataset.pixels, progress),
        find_outliers(dataset.pixels, progress),
        len(sample),
        int(np.count_nonzero(_have_colors(sample))),
    )


def _read_colored_sample(
    config: TrainingConfig, dataset: ImageDataset, progress: ProgressCallback
) -> Pixels:
    """Return some of the pictures in colour, uint8 (num, side, side, 3)."""
    indices = np.unique(np.linspace(0, len(dataset) - 1, _NUM_SAMPLED).astype(int))
    if config.color:
        return dataset.pixels[indices]
    codes = [make_picture_code(dataset.names[index]) for index in indices.tolist()]
    shape = (config.image_size, config.image_size, 3)
    return read_sample(config.dataset, codes, shape, progress)


def _have_colors(pixels: Pixels) -> np.ndarray:
    """Return whether each picture has colours, bool (num_images,)."""
    spread = pixels.max(axis=3).astype(np.int16) - pixels.min(axis=3)
    is_colored: np.ndarray = (spread >= _COLORED_LEVELS).mean(axis=(1, 2)) >= _COLORED_SHARE
    return is_colored
