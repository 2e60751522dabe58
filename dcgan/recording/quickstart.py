"""train_dcgan_mnist: a whole training in one call, for a script or a notebook."""

from __future__ import annotations

import contextlib
from pathlib import Path

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.progress import no_progress
from dcgan.recording.progress import show_progress, show_work
from dcgan.recording.recorder import record
from dcgan.recording.start import start_run
from dcgan.runs.run_folder import Run


def train_dcgan_mnist(
    *,
    preset: str = "fast",
    run_dir: str | Path | None = None,
    progress: bool = True,
    **settings: object,
) -> tuple[DCGAN, Run]:
    """Train a new run to its end, with a progress bar, sample grids and checkpoints.

    Example::

        gan, run = train_dcgan_mnist(epochs=2)
        plot_images(gan.generate(sample_latent(7, 64, gan.config.latent_dim)))

    Args:
        preset: A key of `config.PRESETS`.
        run_dir: The run's folder; None for a new one under `checkpoints/`.
        progress: Whether to show a progress bar on standard error.
        **settings: Any field of `TrainingConfig`.

    Returns:
        The trained networks and the run's folder.

    Raises:
        DCGANError: If a setting is not allowed, the data cannot be read, or a write fails.
    """
    config = TrainingConfig.preset(preset, **settings)
    run, gan, dataset = start_run(
        config,
        path=None if run_dir is None else Path(run_dir),
        progress=show_work if progress else no_progress,
    )
    # Closed also after an interrupt, because a notebook would keep the half-read iterator alive.
    with contextlib.closing(record(run, gan, dataset)) as reports:
        shown = reports
        if progress:
            shown = show_progress(reports, config, config.compute_total_steps(len(dataset)))
        for _ in shown:
            pass
    return gan, run
