"""The generator as bytes, with which a page generates images in the browser.

The layers have BatchNorm folded in and half-precision weights: a quarter of a checkpoint's size.
The images differ from Keras's by one or two grey levels. `frontend/generator.js` reads these bytes.
"""

from __future__ import annotations

import itertools
import json
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dcgan.networks.plain_layers import PlainLayer

_MAX_WEIGHT = float(np.finfo(np.float16).max)


def count_multiplications(layers: Sequence[PlainLayer]) -> int:
    """Return the number of multiplications for one image if no activation is 0."""
    side, total = _find_first_side(layers), 0
    for layer in layers:
        # Each pixel of a convolution's input is multiplied with the whole kernel.
        num_pixels = side**2 if layer.kernel.ndim == 4 else 1
        total += num_pixels * layer.kernel.size
        side *= layer.stride
    return total


def _find_first_side(layers: Sequence[PlainLayer]) -> int:
    """Return the side of the feature maps that the last dense layer gives, in pixels."""
    for before, layer in itertools.pairwise(layers):
        if layer.kernel.ndim == 4:
            return math.isqrt(before.kernel.shape[1] // layer.kernel.shape[0])
    return 1


def pack_generator(name: str, step: int, layers: Sequence[PlainLayer]) -> bytes:
    """Pack a generator.

    Args:
        name: The name by which the page knows it.
        step: Step of its weights.
        layers: The result of `plain_layers.make_plain_layers`.

    Returns:
        The length of a header (four bytes, little-endian), the header as JSON, then the kernel and
        the offset of each layer as little-endian half-precision numbers. Values beyond their range,
        as a diverged run may have, are clipped; NaN becomes 0.
    """
    headers: list[dict[str, object]] = []
    numbers = []
    side = _find_first_side(layers)
    for layer in layers:
        is_dense = layer.kernel.ndim == 2
        side *= layer.stride
        headers.append(
            {
                "kind": "dense" if is_dense else "up",
                "kernel": layer.kernel.shape,
                "inputs": layer.kernel.shape[0],
                "outputs": layer.kernel.shape[-1],
                "size": 1 if is_dense else layer.kernel.shape[1],
                "stride": layer.stride,
                # Pixels that TensorFlow's "same" padding crops at the left and at the top.
                "before": 0 if is_dense else max(layer.kernel.shape[1] - layer.stride, 0) // 2,
                "side": 1 if is_dense else side,
            }
        )
        numbers += [layer.kernel.ravel(), layer.offset]
    header = json.dumps({"name": name, "step": step, "layers": headers}).encode()
    values = np.nan_to_num(np.concatenate(numbers), nan=0.0).clip(-_MAX_WEIGHT, _MAX_WEIGHT)
    return len(header).to_bytes(4, "little") + header + values.astype("<f2").tobytes()
