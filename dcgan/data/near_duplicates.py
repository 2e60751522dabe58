"""Near-duplicates: pictures of a set that are copies of each other, or nearly.

A perceptual hash is the signs of random sums of a picture's low frequencies. A copy that is
brighter, was saved again or was moved by a pixel has almost the same hash. Pairs with similar
hashes are found without a comparison of all pairs, and then compared by their pixels. All sums are
of whole numbers, so that every machine finds the same pairs: a resumed run with the setting
`near_duplicates` must leave out the same pictures.

Sources: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section
3.2, for the low frequencies (DCT); Charikar, "Similarity Estimation Techniques from Rounding
Algorithms", 2002, section 3, for the signs of random sums; Norouzi, Punjani and Fleet, "Fast Exact
Search in Hamming Space with Multi-Index Hashing", 2014, arXiv:1307.2982, for the search by parts of
a hash.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dcgan.pictures.picture_fitting import Pixels
from dcgan.progress import ProgressCallback, no_progress

MIN_CORRELATION = 0.985  # Smallest correlation of the pixels of two near-duplicates.

_FREQUENCIES = 8  # Low frequencies in each direction; all of the 8 × 8 but the mean are hashed.
_NUM_FREQUENCIES = _FREQUENCIES**2 - 1
# A bit is the sign of a sum over all frequencies. The sign of one frequency is chance if it is near
# 0, as half of them are in symmetric pictures such as a ring.
_DIRECTIONS = np.rint(32 * np.random.default_rng(0).standard_normal((_NUM_FREQUENCIES, 64)))
# Smallest correlation of the low frequencies of a candidate pair. It is far below the correlation
# of near-duplicates, so that rounding, which differs between machines, never drops one.
_MIN_SPECTRAL_CORRELATION = 0.95
_MAX_SIDE = 32  # Larger pictures are halved first.
_MAX_BITS = 6  # Bits by which the hashes of two near-duplicates may differ.
_BANDS = ((0, 16), (16, 16), (32, 16), (48, 16))  # First bit and number of bits.
_WINDOW = 64  # Largest number of pictures with equal bits in a band that a picture is compared to.
_BLOCK = 4096  # Pictures whose hashes are computed at once.
_BLOCK_BYTES = 2**26  # Size of the pictures that are compared at once.
# Each picture is also compared with copies that are moved by one pixel. The opposite moves are
# found from the other picture of a pair.
_MOVES = ((0, 0), (0, 1), (1, 0), (1, 1), (1, -1))

Pairs = NDArray[np.int64]


def find_near_duplicates(pixels: Pixels, progress: ProgressCallback = no_progress) -> Pairs:
    """Find pairs of pictures that are nearly the same.

    The time grows with the number of pictures, not with the number of pairs: if very many pictures
    are similar, each is compared with only some of the others.

    Args:
        pixels: uint8 in [0, 255], shape (num_images, side, side), or (…, 1 or 3).
        progress: Reports how much of the search is done.

    Returns:
        The indices of the pictures of each pair, the smaller first; sorted, shape (num_pairs, 2).
    """
    if pixels.ndim == 3:
        pixels = pixels[..., np.newaxis]
    blocks = range(0, len(pixels), _BLOCK)
    spectra = np.empty((len(pixels), _NUM_FREQUENCIES), np.float32)
    hashes = np.empty(len(pixels), np.uint64)
    moved_spectra, moved_hashes = spectra, hashes
    parts = [np.empty((0, 2), np.int64)]
    steps = [(move, start) for move in _MOVES for start in blocks]
    for move, start in progress(steps, "Looking for near-duplicates", len(steps)):
        if start == 0 and move != _MOVES[0]:
            moved_spectra, moved_hashes = np.empty_like(spectra), np.empty_like(hashes)
        block = slice(start, start + _BLOCK)
        moved_spectra[block], moved_hashes[block] = _transform(pixels[block], move)
        if start != blocks[-1]:
            continue
        found = [np.empty((0, 2), np.int64)]
        for band in _BANDS:
            for first, second in _find_similar_hashes(hashes, moved_hashes, band):
                correlations = np.einsum("ij,ij->i", moved_spectra[first], spectra[second])
                is_similar = (correlations >= _MIN_SPECTRAL_CORRELATION) & (first != second)
                candidates = np.stack([first, second], axis=1)[is_similar]
                found.append(np.sort(candidates, axis=1) if move == _MOVES[0] else candidates)
        first, second = np.unique(np.concatenate(found), axis=0).T
        is_similar = _compare(pixels, first, second, move)
        parts.append(np.sort(np.stack([first, second], axis=1)[is_similar], axis=1))
    return np.unique(np.concatenate(parts), axis=0)


def find_originals(pairs: Pairs, num_images: int) -> NDArray[np.int64]:
    """Choose the pictures to keep: the first of several that are nearly the same.

    A picture is left out if it is nearly the same as an earlier picture that is kept.

    Args:
        pairs: From `find_near_duplicates`.
        num_images: Number of pictures.

    Returns:
        For each picture the index of the picture that stands for it, shape (num_images,). The
        index of a picture that is kept is its own.
    """
    originals = np.arange(num_images, dtype=np.int64)
    for first, second in pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].tolist():
        if originals[second] == second and originals[first] == first:
            originals[second] = first
    return originals


def _transform(
    pixels: Pixels, move: tuple[int, int]
) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
    """Compute the low frequencies of moved pictures, and their perceptual hashes.

    Args:
        pixels: uint8, shape (num_images, side, side, channels).
        move: Pixels by which the pictures are moved down and to the right.

    Returns:
        The frequencies without the mean, of length 1, shape (num_images, 63); and the hashes, shape
        (num_images,).
    """
    # Whole numbers below 2**53 are exact in float64, whatever the order of the sums.
    weights = np.array([299, 587, 114]) if pixels.shape[3] == 3 else np.array([1000])
    grey = pixels.astype(np.float64) @ weights
    while grey.shape[1] > _MAX_SIDE:
        grey = grey[:, ::2] + grey[:, 1::2]
        grey = grey[:, :, ::2] + grey[:, :, 1::2]
    side, (down, right) = grey.shape[1], move
    waves = np.cos(np.pi * np.outer(np.arange(_FREQUENCIES), 2 * np.arange(side) + 1) / (2 * side))
    waves = np.rint(1024 * waves)
    padded = np.pad(grey, ((0, 0), (1, 1), (1, 1)), "edge")
    moved = padded[:, 1 - down : 1 - down + side, 1 - right : 1 - right + side]
    spectra = (waves @ moved @ waves.T).reshape(len(pixels), -1)[:, 1:]
    # Rounded, so that the products stay below 2**53.
    bits = np.rint(spectra / 4096) @ _DIRECTIONS > 0
    hashes = np.packbits(bits, axis=1, bitorder="little").view(np.dtype("<u8"))[:, 0]
    spectra[~spectra.any(axis=1), 0] = 1  # So that blank pictures are similar to each other.
    lengths = np.linalg.norm(spectra, axis=1, keepdims=True)
    return (spectra / lengths).astype(np.float32), hashes


def _find_similar_hashes(
    hashes: NDArray[np.uint64], queries: NDArray[np.uint64], band: tuple[int, int]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Find hashes that equal a query in one band and differ from it in few bits.

    Args:
        hashes: The hash of each picture, shape (num_images,).
        queries: Hashes to look for, of the same shape.
        band: First bit and number of bits.

    Yields:
        Indices of some queries, and for each of them the index of a similar hash.
    """
    first_bit, num_bits = band
    # The bits of the band come first, so that sorting puts similar hashes beside each other.
    left, right = np.uint64(64 - first_bit - num_bits), np.uint64(first_bit + num_bits)
    turned, turned_queries = (
        values if left == 0 else (values << left) | (values >> right)
        for values in (hashes, queries)
    )
    order = np.argsort(turned, kind="stable")
    turned = turned[order]
    shift = np.uint64(64 - num_bits)
    keys, query_keys = turned >> shift, turned_queries >> shift
    position = np.searchsorted(turned, turned_queries)
    low = np.maximum(np.searchsorted(keys, query_keys), position - _WINDOW // 2)
    high = np.minimum(np.searchsorted(keys, query_keys, "right"), position + _WINDOW // 2)
    active = np.flatnonzero(high > low)
    for offset in range(_WINDOW):
        active = active[low[active] + offset < high[active]]
        others = low[active] + offset
        is_similar = np.bitwise_count(turned_queries[active] ^ turned[others]) <= _MAX_BITS
        yield active[is_similar], order[others[is_similar]]


def _compare(
    pixels: Pixels, first: NDArray[np.int64], second: NDArray[np.int64], move: tuple[int, int]
) -> NDArray[np.bool_]:
    """Return for each pair whether its pictures are similar if the first is moved."""
    side = pixels.shape[1]
    factor = -(-side // _MAX_SIDE)  # A move by one pixel of the hashed picture.
    down, right = move[0] * factor, move[1] * factor
    size = max(1, _BLOCK_BYTES // (8 * pixels[0].size)) if len(pixels) else 1
    is_similar = np.zeros(len(first), bool)
    for start in range(0, len(first), size):
        block = slice(start, start + size)
        one = _cut(pixels[first[block]], -down, -right)
        other = _cut(pixels[second[block]], down, right)
        is_similar[block] = _correlate(one, other) >= MIN_CORRELATION
    return is_similar


def _cut(pixels: Pixels, down: int, right: int) -> NDArray[np.int32]:
    """Cut rows and columns off, and flatten the pictures, shape (num_images, num_values).

    Args:
        pixels: uint8, shape (num_images, side, side, channels).
        down, right: Number of rows and columns to cut off: at the start if positive, at the end if
            negative.
    """
    side = pixels.shape[1]
    rows = slice(max(0, down), side + min(0, down))
    columns = slice(max(0, right), side + min(0, right))
    return pixels[:, rows, columns].reshape(len(pixels), -1).astype(np.int32)


def _correlate(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.float64]:
    """Compute the correlation of each row with the same row of another array, shape (num_rows,).

    Two rows of one value each, such as blank pictures, have the correlation 1.

    Args:
        one, other: Pixels in [0, 255], shape (num_rows, num_values); sums of 64 × 64 × 3 squares
            fit into 32 bits.
    """
    num_values = one.shape[1]
    sums = [values.sum(axis=1, dtype=np.int64) for values in (one, other)]
    products = [
        np.einsum("ij,ij->i", *pair).astype(np.int64)
        for pair in ((one, other), (one, one), (other, other))
    ]
    covariance = num_values * products[0] - sums[0] * sums[1]
    variances = [
        num_values * product - total**2 for product, total in zip(products[1:], sums, strict=True)
    ]
    scale = np.sqrt(variances[0].astype(np.float64) * variances[1])
    correlations = np.divide(covariance, scale, where=scale > 0, out=np.zeros(len(one)))
    return np.where((variances[0] == 0) & (variances[1] == 0), 1.0, correlations)
