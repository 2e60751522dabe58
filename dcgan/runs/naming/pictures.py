"""Names of data sets in the names of runs."""

from __future__ import annotations

import re

from dcgan.config.named_datasets import NAMED_SETS


def get_picture_title(dataset: str, data_name: str) -> str:
    """Return the name of a run's pictures, such as "MNIST" or "Own pictures".

    Args:
        dataset: The setting `dataset`: a named set, or the path of own pictures.
        data_name: Name of the data set.
    """
    if dataset in NAMED_SETS:
        return NAMED_SETS[dataset].name
    # An upload is named by its content.
    is_upload = re.fullmatch(r"[0-9a-f]{16}(\.\S*)?", data_name)
    return "Own pictures" if is_upload else data_name
