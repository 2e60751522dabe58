"""Letters in the fonts of this machine, a sub-folder for each: own pictures with classes.

Makes data to train on, such as

    python tests/benchmarks/letters.py /tmp/letters
    python -m dcgan train --dataset /tmp/letters --class-conditional true
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "C:/Windows/Fonts")
SIDE = 64  # Pixels; reading them makes them smaller.


def find_fonts(letters: str, folders: Iterable[str | Path] = FONT_FOLDERS) -> list[Path]:
    """Find the TrueType and OpenType fonts that have all letters, each with another shape."""
    fonts = []
    places = itertools.product(folders, ("*.ttf", "*.otf"))
    for path in sorted(file for place, kind in places for file in Path(place).rglob(kind)):
        font = ImageFont.truetype(path, 32)
        shapes = {bytes(font.getmask(letter)) for letter in letters}
        if len(shapes) == len(letters):  # A letter that is missing is drawn as the same box.
            fonts.append(path)
    return fonts


def draw_letter(letter: str, font: Path, draws: np.random.Generator, color: bool) -> Image.Image:
    """Draw a letter at a random size and angle, white on black or in two random colours."""
    ink = tuple(draws.integers(150, 256, 3).tolist()) if color else (255, 255, 255)
    ground = tuple(draws.integers(0, 80, 3).tolist()) if color else (0, 0, 0)
    mask = Image.new("L", (SIDE, SIDE))
    size = draws.uniform(0.6, 0.9) * SIDE
    ImageDraw.Draw(mask).text(
        (SIDE / 2, SIDE / 2), letter, 255, ImageFont.truetype(font, size), anchor="mm"
    )
    mask = mask.rotate(draws.uniform(-12, 12), Image.Resampling.BICUBIC)
    picture = Image.new("RGB", mask.size, ground)
    picture.paste(ink, mask=mask)
    return picture


def main() -> None:
    """Write the letters that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--letters", default="ABCDEGHKLMRSÄЖ")
    parser.add_argument("--count", type=int, default=400, help="pictures of each letter")
    parser.add_argument("--color", action="store_true")
    options = parser.parse_args()
    fonts = find_fonts(options.letters)
    if not fonts:
        sys.exit(f"No TrueType font with the letters {options.letters} is installed.")
    draws = np.random.default_rng(0)
    for letter in options.letters:
        folder = options.folder / letter
        folder.mkdir(parents=True)
        for number in range(options.count):
            font = fonts[draws.integers(len(fonts))]
            picture = draw_letter(letter, font, draws, options.color)
            picture.save(folder / f"{number:04}.png")
    print(f"{len(options.letters)} letters in {len(fonts)} fonts: {options.folder}")  # noqa: T201


if __name__ == "__main__":
    main()
