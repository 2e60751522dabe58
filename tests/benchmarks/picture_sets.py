"""Make three sets of own pictures to train on, from the packages of public registries.

    pip install scikit-image
    python tests/benchmarks/picture_sets.py /tmp/sets

`letters`: A to Z in the fonts of Debian's packages, 28×28 and grey, a sub-folder for each letter.
`emoji`: the emoji of one character of Debian's font Noto Color Emoji, 64×64 in colour on white,
without classes. `photos`: pieces of 32×32 pixels that do not overlap, of sample photos of
scikit-image without known restrictions of copyright, a sub-folder for each photo.

Needs Debian's `apt-get` and `dpkg-deb`, which download and unpack the fonts (60 MB) without
installing them.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
from letters import find_fonts
from PIL import Image, ImageDraw, ImageFont

EMOJI_PACKAGE = "fonts-noto-color-emoji"
# Styles for running text and for headlines, several weights and widths, some handwriting.
FONT_PACKAGES = (
    *(f"fonts-adf-{name}" for name in ("accanthis", "baskervald", "berenis", "gillius", "libris")),
    *(f"fonts-adf-{name}" for name in ("romande", "switzera", "tribun", "universalis")),
    *("fonts-averia-sans-gwf", "fonts-averia-serif-gwf", "fonts-cabin", "fonts-comfortaa"),
    *("fonts-crosextra-caladea", "fonts-crosextra-carlito", "fonts-dancingscript"),
    *("fonts-dejavu-core", "fonts-dejavu-extra", "fonts-dosis", "fonts-dustin"),
    *("fonts-ebgaramond", "fonts-freefont-ttf", "fonts-go", "fonts-inconsolata", "fonts-junicode"),
    *("fonts-jura", "fonts-karla", "fonts-kaushanscript", "fonts-lato", "fonts-liberation2"),
    *("fonts-linuxlibertine", "fonts-lobster", "fonts-lobstertwo", "fonts-oldstandard"),
    *("fonts-open-sans", "fonts-play", "fonts-quattrocento", "fonts-quicksand"),
    *("fonts-roboto-unhinted", "fonts-sil-gentium", "fonts-texgyre", "fonts-urw-base35"),
    "fonts-vollkorn",
)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTER_SIDE, LETTER_BOX = 28, 20  # Pixels of a picture and of the letter in it, as in MNIST.
EMOJI_SIDE = 64
EMOJI_FONT_SIZE = 109  # The only size of the font's pictures.
EMOJI_CHARACTERS = (*range(0x2600, 0x27C0), *range(0x1F300, 0x1FB00))
SKIN_TONES = range(0x1F3FB, 0x1F400)  # Drawn alone they are plain squares.
PHOTOS = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "stars": "hubble_deep_field.jpg",
    "tissue": "ihc.png",
}
PHOTO_SIDE = 32
MAX_PIECES = 300  # Pieces of one photo.


def unpack_packages(names: tuple[str, ...], folder: Path) -> Path:
    """Download and unpack packages of Debian once; return the folder of their files."""
    files = folder / "files"
    if not files.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", *names], cwd=folder, check=True)
        files.mkdir()
        for package in sorted(folder.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", package, files], check=True)
    return files


def draw_letter(letter: str, path: Path) -> Image.Image:
    """Draw a letter white on black, as large as its box and in the middle of the picture."""
    left, top, right, bottom = (font := ImageFont.truetype(path, 100)).getbbox(letter)
    drawn = Image.new("L", (round(right - left), round(bottom - top)))
    ImageDraw.Draw(drawn).text((-left, -top), letter, 255, font)
    drawn.thumbnail((LETTER_BOX, LETTER_BOX), Image.Resampling.LANCZOS)
    picture = Image.new("L", (LETTER_SIDE, LETTER_SIDE))
    picture.paste(drawn, ((LETTER_SIDE - drawn.width) // 2, (LETTER_SIDE - drawn.height) // 2))
    return picture


def make_letters(folder: Path, fonts: list[Path]) -> None:
    """Draw each letter once in each font."""
    for letter in LETTERS:
        (folder / letter).mkdir(parents=True)
        for number, font in enumerate(fonts):
            draw_letter(letter, font).save(folder / letter / f"{number:03}-{font.stem}.png")


def make_emoji(folder: Path, path: Path) -> None:
    """Draw each emoji of one character that the font has."""
    font = ImageFont.truetype(path, EMOJI_FONT_SIZE)
    folder.mkdir(parents=True)
    for code in EMOJI_CHARACTERS:
        name = unicodedata.name(chr(code), "")
        if not name or code in SKIN_TONES:
            continue
        left, top, right, bottom = font.getbbox(chr(code))
        side = round(max(right - left, bottom - top))
        drawn = Image.new("RGB", (side, side), "white")
        position = ((side - right - left) / 2, (side - top - bottom) / 2)
        ImageDraw.Draw(drawn).text(position, chr(code), font=font, embedded_color=True)
        if drawn.getcolors(1):  # All white: the font does not have this character.
            continue
        drawn = drawn.resize((EMOJI_SIDE, EMOJI_SIDE), Image.Resampling.LANCZOS)
        drawn.save(folder / f"{code:x}-{name.lower().replace(' ', '-')}.png")


def make_photos(folder: Path) -> None:
    """Cut pieces from the sample photos that scikit-image installs."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        sys.exit("The photos need scikit-image: pip install scikit-image")
    photos = Path(found.submodule_search_locations[0]) / "data"
    draws = np.random.default_rng(0)
    for name, file in PHOTOS.items():
        (folder / name).mkdir(parents=True)
        pixels = np.asarray(Image.open(photos / file).convert("RGB"))
        rows, columns = pixels.shape[0] // PHOTO_SIDE, pixels.shape[1] // PHOTO_SIDE
        chosen = draws.permutation(rows * columns)[:MAX_PIECES]
        for number in np.sort(chosen).tolist():
            top, left = (PHOTO_SIDE * place for place in divmod(number, columns))
            piece = pixels[top : top + PHOTO_SIDE, left : left + PHOTO_SIDE]
            Image.fromarray(piece).save(folder / name / f"{number:03}.png")


def main() -> None:
    """Make the sets that are not in the folder yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    if not (folder / "letters").is_dir():
        files = unpack_packages(FONT_PACKAGES, folder / "packages" / "letters")
        make_letters(folder / "letters", find_fonts(LETTERS, [files]))
    if not (folder / "emoji").is_dir():
        files = unpack_packages((EMOJI_PACKAGE,), folder / "packages" / "emoji")
        make_emoji(folder / "emoji", next(files.rglob("NotoColorEmoji.ttf")))
    if not (folder / "photos").is_dir():
        make_photos(folder / "photos")
    for name in ("letters", "emoji", "photos"):
        num = sum(1 for _ in (folder / name).rglob("*.png"))
        print(f"{folder / name}: {num:,} pictures")  # noqa: T201


if __name__ == "__main__":
    main()
