"""Damage to files, as `fuzz.py` does it: random bytes, members of ZIPs, chunks of PNGs."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Sequence

import numpy as np

_PNG = b"\x89PNG\r\n\x1a\n"
_HOSTILE = (
    "../",
    "../../../tmp/",
    "/tmp/",
    "C:\\",
    "..\\",
    "a/../../",
    "\x1b[2J",
    "x" * 300,
    "é/",
    ".",
)


def damage(rng: np.random.Generator, good: Sequence[bytes]) -> bytes:
    """Damage a file; in half of the cases with valid checksums, so that readers go further."""
    data = good[int(rng.integers(len(good)))]
    if rng.random() < 0.5:
        return damage_bytes(rng, data, good)
    if zipfile.is_zipfile(io.BytesIO(data)):
        return damage_members(rng, data)
    if data.startswith(_PNG):
        return repair_checksums(damage_bytes(rng, data, good))
    return damage_bytes(rng, data, good)


def damage_bytes(rng: np.random.Generator, data: bytes, others: Sequence[bytes]) -> bytes:
    """Damage bytes in one or several ways."""
    damaged = bytearray(data)
    for _ in range(rng.geometric(0.5)):
        if not damaged:
            break
        at, length = int(rng.integers(len(damaged))), int(rng.integers(1, 65))
        match rng.integers(7):
            case 0:
                damaged[at] ^= 1 << int(rng.integers(8))
            case 1:
                damaged[at] = int(rng.integers(256))
            case 2:  # Lengths, counts and offsets.
                size = int(rng.choice((1, 2, 4, 8)))
                damaged[at : at + size] = bytes([int(rng.choice((0, 0x7F, 0x80, 0xFF)))]) * size
            case 3:
                del damaged[at : at + length]
            case 4:
                damaged[at:at] = damaged[at : at + length] * int(rng.integers(1, 5))
            case 5:
                other = others[int(rng.integers(len(others)))]
                begin = int(rng.integers(len(other)))
                damaged[at : at + length] = other[begin : begin + length]
            case _:
                if rng.random() < 0.3:
                    del damaged[at:]
    return bytes(damaged)


def damage_members(rng: np.random.Generator, data: bytes) -> bytes:
    """Damage the contents or the names of a ZIP's or .npz file's members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Two members of one name.
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
        for _ in range(rng.geometric(0.5)):
            at = int(rng.integers(len(members)))
            name, content = members[at]
            match rng.integers(5):
                case 0 | 1:
                    members[at] = (name, damage_bytes(rng, content, [content]) if content else b"x")
                case 2:
                    members[at] = (_HOSTILE[int(rng.integers(len(_HOSTILE)))] + name, content)
                case 3:
                    members.append((name, bytes(int(rng.integers(1, 2**20)))))
                case _:
                    if len(members) > 1:
                        del members[at]
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in members:
                target.writestr(name, content)
    return packed.getvalue()


def repair_checksums(data: bytes) -> bytes:
    """Recompute the checksums of a PNG, as far as its chunks can be found."""
    repaired, at = bytearray(data), len(_PNG)
    while at + 12 <= len(repaired):
        end = at + 8 + int.from_bytes(repaired[at : at + 4], "big")
        if end + 4 > len(repaired):
            break
        repaired[end : end + 4] = zlib.crc32(repaired[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return bytes(repaired)
