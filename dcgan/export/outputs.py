"""What a run gives away: digits as a picture, an animation or arrays, and its generator."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dcgan.backend import keras, tf
from dcgan.errors import UnreadableError
from dcgan.evaluation.evaluator import NUM_IMAGES, Evaluator, evaluate_generator
from dcgan.evaluation.metric_info import Evaluation
from dcgan.files import OutputDiskError, OutputError, check_folder, output_error, write_output
from dcgan.images.animation import encode_animation
from dcgan.images.images import encode_png, images_npz, near_square, tile
from dcgan.latent.latent import sample_latent, walk
from dcgan.model.gan import Sampler, generator_weights
from dcgan.model.networks import build_generator, to_plain_keras
from dcgan.reports import Track, untracked
from dcgan.runs.run_folder import Run

_FRAMES_PER_LEG = 12  # A second at the animations' usual pace.
_DRAWN_AT_ONCE = 500  # Digits between two moves of a progress bar: a tenth of a second.
_MAX_WALK_STOPS = 500  # 6,000 frames, which is eight minutes of film.


def load_sampler(run: Run, step: int | None = None) -> tuple[Sampler, int]:
    """Make a sampler of a run's checkpoint.

    Args:
        run: The run.
        step: One of its checkpoints; None for the newest.

    Returns:
        The sampler, and the step that it draws from.

    Raises:
        RunError: If there is no such checkpoint, or it is damaged or does not fit the settings.
    """
    state = run.load_checkpoint(step)
    sampler = Sampler(run.config)
    fill_weights(sampler.set_weights, run, generator_weights(state))
    return sampler, int(state["step"])


def check_output(out: Path, count: int) -> None:
    """Refuse what `write_digits` cannot write, before any work is done.

    Raises:
        OutputError: If the ending or the folder will not do, or a walk has too many stops.
    """
    if out.suffix.lower() not in (".png", ".gif", ".webp", ".npz"):
        raise OutputError(f"--out: got {out.name!r}; it must end in .png, .gif, .webp or .npz.")
    if out.suffix.lower() in (".gif", ".webp") and count > _MAX_WALK_STOPS:
        raise OutputError(f"--count: got {count}; a walk has at most {_MAX_WALK_STOPS} stops.")
    check_folder(out)


def write_digits(
    run: Run, out: Path, *, count: int, seed: int, step: int | None, track: Track = untracked
) -> None:
    """Draw digits and write them as the file's ending says.

    Args:
        run: Whose generator draws.
        out: `.png` a near-square grid, `.gif` or `.webp` a closed walk through `count` latent
            vectors, `.npz` arrays `images` (count, height, width[, 3]) uint8 and `z`.
        count: How many latent vectors.
        seed: Where they come from.
        step: The checkpoint; None for the newest.
        track: Follows the drawing, and the frames of a walk.

    Raises:
        OutputError, RunError: What a person can mend; nothing half-written is left.
    """
    check_output(out, count)
    sampler, drawn_step = load_sampler(run, step)
    z = sample_latent(seed, count, run.config.latent_dim)
    suffix = out.suffix.lower()
    is_walk = suffix in (".gif", ".webp")
    if is_walk and count > 1:
        z = walk(z, _FRAMES_PER_LEG, closed=True)
    parts = np.array_split(z, -(-len(z) // _DRAWN_AT_ONCE))
    pixels = np.concatenate(
        [sampler.generate(part) for part in track(parts, "Drawing digits", len(parts))]
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
            track=track,
        )
    elif suffix == ".png":
        grid = tile(pixels, *near_square(count), scale=2)
        data = encode_png(grid, {"kind": "grid", **recipe})
    else:
        data = images_npz(pixels, z)
    write_output(out, data)


def evaluate_run(
    run: Run, *, num_images: int = NUM_IMAGES, seed: int = 0, step: int | None = None
) -> tuple[int, Evaluation, Evaluation]:
    """Measure a run's generator against the data that it learned from.

    Args:
        run: Whose generator.
        num_images: How many samples, held against as many real images; at most half of the data.
        seed: Where the latent vectors come from.
        step: The checkpoint; None for the newest.

    Returns:
        The step that was measured, the samples' figures, and the floor's (`evaluation.Evaluator`).

    Raises:
        DatasetError, RunError: What a person can mend.
    """
    sampler, measured_step = load_sampler(run, step)
    evaluator = Evaluator(run.load_dataset(), num_images)
    z = sample_latent(seed, evaluator.num_images, run.config.latent_dim)
    return (measured_step, *evaluate_generator(sampler.generate, z, evaluator))


def export_generator(run: Run, out: Path, *, step: int | None = None) -> None:
    """Write the EMA generator for use without this program.

    Args:
        run: Whose generator.
        out: A `.keras` file, or a folder (new or empty) for a SavedModel whose `serve` takes z
            (num, latent_dim) float32 and gives images (num, height, width, channels) in [-1, 1].
        step: The checkpoint; None for the newest.

    Raises:
        OutputError, RunError: What a person can mend.
    """
    is_keras = out.suffix.lower() == ".keras"
    check_folder(out)
    if is_keras and out.is_dir():
        raise OutputError(f"--out: {out} is a folder; give a file that is new or may be replaced.")
    if not is_keras and out.suffix and not out.is_dir():
        raise OutputError(
            f"--out: got {out.name!r}; it must end in .keras, .csv, .parquet or .html, or "
            "be a folder."
        )
    try:
        if not is_keras and out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise OutputError(f"--out: {out} is there and not empty; give a new folder.")
        state = run.load_checkpoint(step)
        model = build_generator(run.config)
        fill_weights(model.set_weights, run, generator_weights(state))
        # Keras writes in place; whole or not at all is got by writing beside and renaming.
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".export-") as folder:
            temporary = Path(folder) / ("model.keras" if is_keras else "model")
            if is_keras:
                to_plain_keras(model).save(temporary)
            else:
                _write_saved_model(model, temporary)
                if out.exists():
                    out.rmdir()
            temporary.replace(out)
    except OSError as error:
        raise output_error(out, error) from error
    except tf.errors.OpError as error:  # TensorFlow writes with its own file system.
        raise OutputDiskError(f"--out: cannot write {out}: {error}.") from error


def _write_saved_model(model: keras.Model, folder: Path) -> None:
    (latent_dim,) = model.input_shape[1:]
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        lambda z: model(z, training=False),
        input_signature=[tf.TensorSpec((None, latent_dim), tf.float32)],
    )
    archive.write_out(folder, verbose=False)


def fill_weights(
    set_weights: Callable[[list[np.ndarray]], None], run: Run, weights: list[np.ndarray]
) -> None:
    """Set a checkpoint's weights.

    Raises:
        UnreadableError: If they are of other networks than the run's settings say.
    """
    try:
        set_weights(weights)
    except (ValueError, TypeError) as error:
        raise UnreadableError(
            f"{run.name}: the checkpoint does not fit config.json: {error}"
        ) from None
