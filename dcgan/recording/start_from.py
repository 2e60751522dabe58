"""A new run that starts with the weights of another one."""

from __future__ import annotations

from dcgan.errors import ConfigError, UnreadableFileError
from dcgan.model.gan import DCGAN
from dcgan.model.transfer import transfer_weights
from dcgan.runs.run_folder import Run


def start_from_run(source: Run, gan: DCGAN) -> str:
    """Copy the newest weights of a run into new networks, as far as they fit.

    Returns:
        A sentence that names the run, its step and the layers that start fresh.

    Raises:
        ConfigError: If no layer fits.
        RunError: If the run has no checkpoint, or it is damaged or does not fit its settings.
    """
    state = source.checkpoints.load()
    step = int(state["step"])
    try:
        transferred = transfer_weights(gan, source.config, state)
    except ValueError as error:
        raise UnreadableFileError(
            f"{source.name}: the checkpoint of step {step:,} does not fit config.json: {error}"
        ) from None
    if not transferred.copied:
        raise ConfigError(
            f"no layer of {source.name} has the sizes of these networks; choose another run, or "
            "its channels and hidden units.",
            setting="start_from",
        )
    fresh = ", ".join(transferred.fresh)
    rest = f"; random weights: {fresh}" if fresh else "; all layers fit"
    return f"Started with the weights of {source.read_label().title} at step {step:,}{rest}."
