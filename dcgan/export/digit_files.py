"""Generated digits as files: a grid as PNG, a walk as GIF or WebP, arrays as NPZ."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dcgan.errors import OutputError
from dcgan.export.checkpoint_generator import load_sampler
from dcgan.images.animation import encode_animation
from dcgan.images.digit_archives import pack_npz
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.latent.walks import walk
from dcgan.output_file import check_output_folder, write_output
from dcgan.reports import ProgressCallback, no_progress
from dcgan.runs.run_folder import Run

_FRAMES_PER_LEG = 12  # One second of an animation.
_BATCH_SIZE = 500  # Digits between two updates of a progress bar: a tenth of a second.
_MAX_WALK_STOPS = 500  # 6,000 frames: eight minutes.


def check_output(out: Path, count: int) -> None:
    """Check the arguments of `write_digits` before any work is done.

    Raises:
        OutputError: If the file's suffix is unknown, its folder is missing, or a walk has too many
            stops.
    """
    if out.suffix.lower() not in (".png", ".gif", ".webp", ".npz"):
        raise OutputError(f"--out: got {out.name!r}; it must end in .png, .gif, .webp or .npz.")
    if out.suffix.lower() in (".gif", ".webp") and count > _MAX_WALK_STOPS:
        raise OutputError(f"--count: got {count}; a walk has at most {_MAX_WALK_STOPS} stops.")
    check_output_folder(out)


def write_digits(
    run: Run,
    out: Path,
    *,
    count: int,
    seed: int,
    step: int | None,
    progress: ProgressCallback = no_progress,
) -> None:
    """Generate digits and write them in the format of the file's suffix.

    Args:
        run: The run of the generator.
        out: `.png` a near-square grid, `.gif` or `.webp` a closed walk through `count` latent
            vectors, `.npz` arrays `images` (count, height, width[, 3]) uint8 and `z`.
        count: The number of latent vectors.
        seed: The seed of the latent vectors.
        step: The checkpoint; None for the newest.
        progress: Reports how many digits have been generated and frames encoded.

    Raises:
        OutputError: As in `check_output`, or if the file cannot be written.
        RunError: If the checkpoint cannot be read.
    """
    check_output(out, count)
    sampler, drawn_step = load_sampler(run, step)
    z = sample_latent(seed, count, run.config.latent_dim)
    suffix = out.suffix.lower()
    is_walk = suffix in (".gif", ".webp")
    if is_walk and count > 1:
        z = walk(z, _FRAMES_PER_LEG, closed=True)
    parts = np.array_split(z, -(-len(z) // _BATCH_SIZE))
    pixels = np.concatenate(
        [sampler.generate(part) for part in progress(parts, "Drawing digits", len(parts))]
    )
    recipe = {
        "run": run.name,
        "created": run.created,
        "step": drawn_step,
        "seed": seed,
        "count": count,
        "z": f"sample_latent({seed}, {count}, {run.config.latent_dim})",
    }
    if is_walk:
        data = encode_animation(
            [tile(image[None], 1, 1, scale=6) for image in pixels],
            format="gif" if suffix == ".gif" else "webp",
            recipe={"kind": "walk", **recipe},
            progress=progress,
        )
    elif suffix == ".png":
        grid = tile(pixels, *choose_grid_shape(count), scale=2)
        data = encode_png(grid, {"kind": "grid", **recipe})
    else:
        data = pack_npz(pixels, z)
    write_output(out, data)
