"""Sizes of the fixtures `tiny_config` and `tiny_dataset`."""

from __future__ import annotations

STEPS_PER_EPOCH = 13  # 200 images in batches of 16; the last batch is filled up.
