"""Generated digits as files: a grid or a text as PNG, a walk as GIF or WebP, arrays as NPZ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dcgan.errors import ConfigError, OutputError
from dcgan.files.output_file import check_parent_exists, write_output
from dcgan.images.animation import encode_animation
from dcgan.images.digit_archives import pack_npz
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.class_text import find_class, parse_class_text
from dcgan.latent.handwriting import walk_through_classes
from dcgan.latent.sampling import sample_latent
from dcgan.latent.walks import walk
from dcgan.model.sampler import Sampler
from dcgan.networks.class_inputs import ClassChoice
from dcgan.progress import ProgressCallback, no_progress
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run

_FRAMES_PER_LEG = 12  # About one second of an animation.
_BATCH_SIZE = 500  # Digits between two updates of a progress bar, about a tenth of a second.
_MAX_WALK_STOPS = 500  # 6,000 frames, eight minutes.


def check_output(out: Path, count: int, text: str = "") -> None:
    """Check the arguments of `write_digits` before any work is done.

    Args:
        out: The file.
        count: The number of latent vectors.
        text: The characters to draw; "" for digits in turn.

    Raises:
        OutputError: If the file's suffix is unknown, its folder is missing, or a walk has too many
            stops.
    """
    if out.suffix.lower() not in (".png", ".gif", ".webp", ".npz"):
        raise OutputError(f"--out: got {out.name!r}; it must end in .png, .gif, .webp or .npz.")
    max_stops = _MAX_WALK_STOPS // max(1, len(text))  # Each frame shows the whole text.
    if out.suffix.lower() in (".gif", ".webp") and count > max_stops:
        size = f" of {len(text)} characters" if text else ""
        raise OutputError(f"--count: got {count}; a walk{size} has at most {max_stops} stops.")
    check_parent_exists(out)


def write_digits(
    run: Run,
    out: Path,
    *,
    count: int,
    seed: int,
    step: int | None,
    class_names: Sequence[str] = (),
    text: str = "",
    progress: ProgressCallback = no_progress,
) -> None:
    """Generate digits and write them in the format of the file's suffix.

    Args:
        run: The run of the generator.
        out: A `.png` file is a near-square grid, and a `.gif` or `.webp` file a closed walk through
            `count` latent vectors. An `.npz` file has the arrays `images` (count, height, width[,
            3]) uint8 and `z`, and `class_ids` and `class_names` if the run knows classes.
        count: The number of latent vectors.
        seed: The seed of the latent vectors.
        step: The checkpoint; None for the newest.
        class_names: The classes to draw in turn; empty for all that the run knows. In a grid each
            column has one class if that is possible; a walk goes from class to class.
        text: Characters to draw instead, each the name of a class. All characters have the same
            latent vector: a grid has a row for each vector, and a frame of a walk is the whole
            text.
        progress: Reports how many digits have been generated and frames encoded.

    Raises:
        ConfigError: If the run does not know a class.
        OutputError: If the suffix is unknown, a walk has too many stops, or the file cannot be
            written.
        RunError: If the checkpoint cannot be read.
    """
    check_output(out, count, text)
    turns = _choose_classes(run, class_names, text)
    sampler, drawn_step = load_sampler(run, step)
    suffix = out.suffix.lower()
    is_walk = suffix in (".gif", ".webp")
    z = sample_latent(seed, count, run.config.latent_dim)
    if is_walk and count > 1:
        z = walk(z, _FRAMES_PER_LEG, closed=True)
    width = max(1, len(text))  # Images with the same z, side by side.
    z = np.repeat(z, width, axis=0)
    class_ids = np.resize(turns, len(z)).astype(np.int32) if turns else None
    classes: ClassChoice = class_ids
    if is_walk and count > 1 and turns and not text:
        stops = np.resize(turns, count).tolist()
        classes = walk_through_classes(stops, run.config.num_classes, _FRAMES_PER_LEG, closed=True)
    pixels = _generate(sampler, z, classes, progress)
    recipe: dict[str, object] = {
        "run": run.name,
        "created": run.created,
        "step": drawn_step,
        "seed": seed,
        "count": count,
        "z": f"sample_latent({seed}, {count}, {run.config.latent_dim})",
    }
    if turns:
        recipe["classes"] = [run.config.class_names[class_id] for class_id in turns]
    if text:
        recipe |= {"text": text, "z": f"np.repeat({recipe['z']}, {width}, axis=0)"}
    if is_walk:
        strips = np.split(pixels, len(z) // width)
        data = encode_animation(
            [tile(strip, 1, width, scale=4 if text else 6, gap=0) for strip in strips],
            format="gif" if suffix == ".gif" else "webp",
            recipe={"kind": "walk", **recipe},
            progress=progress,
        )
    elif suffix == ".npz":
        data = pack_npz(pixels, z, class_ids, run.config.class_names)
    elif text:
        picture = tile(pixels, count, width, scale=8 if count == 1 else 2, gap=0)
        data = encode_png(picture, {"kind": "text", **recipe})
    else:
        grid = tile(pixels, *choose_grid_shape(count, len(turns)), scale=2)
        data = encode_png(grid, {"kind": "grid", **recipe})
    write_output(out, data)


def _choose_classes(run: Run, class_names: Sequence[str], text: str) -> list[int]:
    """Return the classes to draw in turn, as indices in the run's names; [] if it knows none."""
    all_names = run.config.class_names
    if not all_names and (class_names or text):
        raise ConfigError(
            f"--class: {run.name} knows no classes; train one with --class-conditional, or use "
            "pretrained-classes."
        )
    if text:
        return parse_class_text(text, all_names)
    return [find_class(name, all_names) for name in class_names or all_names]


def _generate(
    sampler: Sampler, z: np.ndarray, classes: ClassChoice, progress: ProgressCallback
) -> np.ndarray:
    """Generate pixels as `Sampler.generate` does, with a progress bar."""
    starts = range(0, len(z), _BATCH_SIZE)
    parts = [slice(start, start + _BATCH_SIZE) for start in starts]
    return np.concatenate(
        [
            sampler.generate(z[part], None if classes is None else classes[part])
            for part in progress(parts, "Drawing the pictures", len(parts))
        ]
    )
