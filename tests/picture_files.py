"""Folders, ZIP archives and files of small pictures for the tests of own pictures."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dcgan.data.datasets import load_dataset
from dcgan.pictures import picture_limits

ENOUGH = picture_limits.MIN_IMAGES


def png(image: np.ndarray[Any, Any] | Image.Image) -> bytes:
    """Encode an array or a picture as PNG."""
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Make a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


def stroke(shade: int = 255, background: int = 0, size: int = 28) -> np.ndarray[Any, Any]:
    """Draw a square of one shade in the middle of a background."""
    image = np.full((size, size), background, np.uint8)
    image[size // 4 : size * 3 // 4, size // 4 : size * 3 // 4] = shade
    return image


def squares(shade: int, num: int = 70) -> np.ndarray[Any, Any]:
    """Draw the same square `num` times, uint8 (num, 28, 28)."""
    return np.tile(stroke(shade), (num, 1, 1))


def fill(folder: Path, pictures: Iterable[bytes], suffix: str = ".png") -> Path:
    """Write pictures into a folder as 0000.png, 0001.png and so on."""
    folder.mkdir(exist_ok=True)
    for index, data in enumerate(pictures):
        (folder / f"{index:04}{suffix}").write_bytes(data)
    return folder


def pack(file: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """Write named members into a .zip."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file


def as_is(path: Path) -> np.ndarray[Any, Any]:
    """Load own pictures uninverted, as (num_images, 28, 28)."""
    return load_dataset(str(path), "as_is").pixels[..., 0]


def sample_files() -> dict[str, bytes]:
    """Make one small valid file of each kind that is read."""
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype(np.uint8)
    files = {}
    for suffix in ("png", "jpeg", "gif", "bmp", "webp", "tiff", "ppm"):
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, suffix)
        files[f".{suffix}"] = buffer.getvalue()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=np.tile(image[:5, :5, 0], (ENOUGH, 1, 1)))
    files[".npz"] = buffer.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for index in range(3):
            archive.writestr(f"{index}.png", files[".png"])
    files[".zip"] = buffer.getvalue()
    return files


SAMPLE_FILES = sample_files()
