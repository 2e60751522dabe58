"""Bytes of files that tests read: pictures, arrays, tables and ZIP archives."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Array = np.ndarray[Any, Any]


def encode_picture(image: Array | Image.Image, kind: str = "PNG") -> bytes:
    """Encode an array or a picture in a format that Pillow writes."""
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def make_png_that_claims(width: int, height: int) -> bytes:
    """Make a PNG whose header claims a size, but which holds 100 bytes of pixels."""

    def make_chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + make_chunk(b"IHDR", header)
        + make_chunk(b"IDAT", zlib.compress(bytes(100)))
        + make_chunk(b"IEND", b"")
    )


def encode_npy(array: Array) -> bytes:
    """Encode an array as a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def encode_npz(**arrays: Any) -> bytes:
    """Encode named arrays as an uncompressed .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def encode_idx(array: Array, type_code: int = 8) -> bytes:
    """Encode an array as an IDX file: its type, its shape, then big-endian numbers.

    Args:
        array: Numbers that are big-endian already.
        type_code: 8 for uint8, 12 for int32, 13 for float32.
    """
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return struct.pack(">HBB", 0, type_code, array.ndim) + shape + array.tobytes()


def encode_table(columns: Mapping[str, Array], header: bool = True, separator: str = ",") -> bytes:
    """Encode arrays as a table with a row for each of their first axis.

    An array of more than one axis takes many columns: `pixel0`, `pixel1` and so on.
    """
    flat = {name: array.reshape(len(array), -1) for name, array in columns.items()}
    names = [
        name if columns[name].ndim == 1 else f"{name}{index}"
        for name, values in flat.items()
        for index in range(values.shape[1])
    ]
    lines = [separator.join(names)] if header else []
    lines += [separator.join(map(str, row)) for row in np.concatenate([*flat.values()], axis=1)]
    return "\r\n".join(lines).encode()


def pack_zip(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack named members into a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_zip(file: Path, members: Mapping[str, bytes]) -> Path:
    """Write named members as a ZIP archive and return its path."""
    file.write_bytes(pack_zip(members))
    return file


def unpack_zip(packed: bytes) -> dict[str, bytes]:
    """Return the members of a ZIP archive by their names."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}
