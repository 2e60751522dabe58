"""Animations: pictures shown one after another, as a GIF or a WebP.

Owns the containers and the durations of frames. Takes uint8 pixels in [0, 255]; does not know runs,
networks or pages.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from PIL import ExifTags, Image

from dcgan.arguments import check_whole_number
from dcgan.images.grids import check_picture
from dcgan.images.png_recipe import RECIPE_KEYWORD, SOFTWARE, encode_recipe
from dcgan.progress import ProgressCallback, no_progress

# Browsers show a GIF frame of less than 20 ms for 100 ms. A frame of more than a minute is probably
# a mistake in the unit.
MIN_MILLISECONDS, MAX_MILLISECONDS = 20, 60_000

# Widths and heights are 16 bits in GIF and 14 bits in lossless WebP.
_MAX_SIDE = {"gif": 65_535, "webp": 16_383}

_PROGRESS_TEXT = "Encoding frames"

_GREYS = bytes(value for value in range(256) for _ in "rgb")


def encode_animation(
    frames: Sequence[np.ndarray] | np.ndarray,
    *,
    format: Literal["gif", "webp"],  # noqa: A002  (Pillow's own word)
    milliseconds: int = 80,
    loop: bool = True,
    recipe: Mapping[str, object] | None = None,
    progress: ProgressCallback = no_progress,
) -> bytes:
    """Write pictures as an animation, one frame for each, all shown equally long.

    Grey frames are exact in both formats. Colour frames are exact in WebP; a GIF has 256 colours,
    chosen once for all frames so that nothing flickers, and not dithered.

    Frame i always shows picture i. So each frame is encoded alone and put into the container here,
    because Pillow's `save_all` merges a frame that equals the one before.

    Args:
        frames: At least one picture, uint8, all of one shape (height, width),
            (height, width, 1) or (height, width, 3); also all of them as one array.
        format: "gif" or "webp" (lossless).
        milliseconds: How long each frame is shown, in [20, 60000]. A GIF counts in hundredths
            of a second: single frames are rounded such that the total stays right.
        loop: Whether to start again at the end, for ever; otherwise it plays once.
        recipe: The values that are needed to make the film again, as JSON values. They are stored
            as {"dcgan-studio": …} in the GIF's comment or the WebP's EXIF image description.
        progress: Reports how many frames have been encoded.

    Returns:
        The file's bytes.

    Raises:
        ValueError: If there is no frame, the shapes differ, a picture is too large for the
            format, the format is unknown or a number is out of bounds.
    """
    if format not in _MAX_SIDE:
        raise ValueError(f'format must be "gif" or "webp", got {format!r}.')
    milliseconds = check_whole_number("milliseconds", milliseconds, MIN_MILLISECONDS)
    if milliseconds > MAX_MILLISECONDS:
        raise ValueError(
            f"milliseconds must be in [{MIN_MILLISECONDS}, {MAX_MILLISECONDS}], got {milliseconds}."
        )
    pictures = [check_picture(frame) for frame in frames]
    if not pictures:
        raise ValueError("frames must hold at least one picture, got none.")
    shapes = {picture.shape for picture in pictures}
    if len(shapes) > 1:
        raise ValueError(f"frames must all have one shape, got {sorted(shapes)}.")
    if max(pictures[0].shape[:2]) > _MAX_SIDE[format]:
        raise ValueError(
            f"A {format} is at most {_MAX_SIDE[format]} pixels wide and high, got "
            f"{pictures[0].shape[1]} × {pictures[0].shape[0]}."
        )
    # ASCII, because a GIF comment and an EXIF description are not defined for more.
    recipe_text = (
        None if recipe is None else encode_recipe({RECIPE_KEYWORD: recipe}, ascii_only=True)
    )
    if format == "gif":
        return _encode_gif(
            pictures, milliseconds, loop=loop, recipe_text=recipe_text, progress=progress
        )
    return _encode_webp(
        pictures, milliseconds, loop=loop, recipe_text=recipe_text, progress=progress
    )


def _encode_gif(
    pictures: list[np.ndarray],
    milliseconds: int,
    *,
    loop: bool,
    recipe_text: str | None,
    progress: ProgressCallback,
) -> bytes:
    """Join single GIFs with one palette: the first file whole, the others without their palette."""
    if pictures[0].ndim == 2:
        color_indices, palette = pictures, _GREYS
    else:
        # One palette for all frames: they are stacked as one tall picture.
        tall = Image.fromarray(np.concatenate(pictures)).quantize(256, dither=Image.Dither.NONE)
        color_indices = np.split(np.asarray(tall), len(pictures))
        palette = bytes(tall.getpalette() or ()).ljust(768, b"\0")
    # Position after the header and the palette, in a file that has neither loop nor comment.
    palette_end = 13 + len(palette)
    first_options: dict[str, object] = {"loop": 0} if loop else {}
    if recipe_text is not None:
        first_options["comment"] = recipe_text.encode("ascii")
    parts = []
    for index, picture in enumerate(progress(color_indices, _PROGRESS_TEXT, len(color_indices))):
        # Start and end of the frame are rounded to hundredths, so that errors do not add up.
        hundredths = (index + 1) * milliseconds // 10 - index * milliseconds // 10
        frame = Image.fromarray(picture)
        frame.putpalette(palette)
        file = io.BytesIO()
        # Not optimized: Pillow would optimize the palette of each frame differently.
        frame.save(
            file,
            "GIF",
            optimize=False,
            interlace=0,
            duration=hundredths * 10,
            **(first_options if index == 0 else {}),
        )
        single = file.getvalue()[:-1]  # Without the byte that ends a GIF.
        parts.append(single if index == 0 else single[palette_end:])
    return b"".join([*parts, b";"])


def _encode_webp(
    pictures: list[np.ndarray],
    milliseconds: int,
    *,
    loop: bool,
    recipe_text: str | None,
    progress: ProgressCallback,
) -> bytes:
    """Put single lossless WebP pictures into one animation.

    Source:
        Google, "WebP Container Specification", extended file format.
    """
    height, width = pictures[0].shape[:2]
    size = _encode_uint24(width - 1) + _encode_uint24(height - 1)
    animated, has_exif = 0x02, 0x08
    flags = animated | (has_exif if recipe_text is not None else 0)
    chunks = [
        _make_riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size),
        # Background colour, then the number of plays, 0 for ever.
        _make_riff_chunk(b"ANIM", bytes(4) + struct.pack("<H", 0 if loop else 1)),
    ]
    for picture in progress(pictures, _PROGRESS_TEXT, len(pictures)):
        file = io.BytesIO()
        # For a lossless picture `quality` is effort: 30 takes half the time of Pillow's 80 and
        # 3 % more bytes on a grid of 448 × 448.
        Image.fromarray(picture).convert("RGB").save(file, "WEBP", lossless=True, quality=30)
        replace_all = b"\x02"  # Do not blend with the frame before.
        header = bytes(6) + size + _encode_uint24(milliseconds) + replace_all
        # A WebP file of one picture is 12 bytes of RIFF header, then the chunk of its frame.
        chunks.append(_make_riff_chunk(b"ANMF", header + file.getvalue()[12:]))
    if recipe_text is not None:
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = recipe_text
        exif[ExifTags.Base.Software] = SOFTWARE
        chunks.append(_make_riff_chunk(b"EXIF", exif.tobytes().removeprefix(b"Exif\0\0")))
    return _make_riff_chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def _make_riff_chunk(kind: bytes, payload: bytes) -> bytes:
    padding = b"\0" * (len(payload) % 2)  # Chunks start at even positions.
    return kind + struct.pack("<I", len(payload)) + payload + padding


def _encode_uint24(value: int) -> bytes:
    return value.to_bytes(3, "little")
