"""The introduction of Explore, which depends on what the generator has learned."""

from __future__ import annotations

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process.file_cache import cache_until_changed
from dcgan.config.named_datasets import has_digits
from dcgan.diagnosis.thresholds import COLLAPSED_RELATIVE_SPREAD, WARM_UP_STEPS
from dcgan.diagnosis.window import Window
from dcgan.errors import RunError
from dcgan.reports import EventReport, StepReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.run_folder import Run

INTRODUCTION_WITHOUT_RUN = "The generator turns a list of numbers, **z**, into a digit."
_LATENT_SPACE = "The sliders move through all possible **z**, the **latent space**."
COLLAPSED = "This generator has collapsed: it draws nearly the same picture for every **z**."


def describe_generator(source: GeneratorSource) -> str:
    """Describe what this generator turns z into, in one to three sentences of Markdown."""
    if has_collapsed(source):
        return COLLAPSED
    numbers = f"{source.latent_dim} random numbers, called **z**,"
    if source.digit is not None:
        return (
            f"You choose the digit, and {source.latent_dim} random numbers, called **z**, are its "
            f"handwriting. {_LATENT_SPACE}"
        )
    if source.class_id is not None:
        return (
            f"The generator turns {numbers} into a picture of the class that you choose. With the "
            "same **z**, pictures of different classes share some of their look."
        )
    if not has_digits(source.run.config.dataset):
        return f"The generator turns {numbers} into a picture. {_LATENT_SPACE}"
    return f"The generator turns {numbers} into a digit. {_LATENT_SPACE}"


def has_collapsed(source: GeneratorSource) -> bool:
    """Return whether the fakes around the step of this generator were nearly all equal."""
    if source.trainer is not None:
        snapshot = source.trainer.snapshot()
        steps, events = list(snapshot.history), list(snapshot.events)
    else:
        try:
            steps, events = _read_history(source.run)
        except RunError:  # The grid or the page of the run shows the error.
            return False
    if source.step is not None:
        steps = [report for report in steps if report.step <= source.step]
        # An event at the step itself came after the checkpoint.
        events = [report for report in events if report.step < source.step]
    window = Window(steps, (), events)
    if window.relative_spread is None or window.step < window.start_step + WARM_UP_STEPS:
        return False
    return window.relative_spread < COLLAPSED_RELATIVE_SPREAD


@cache_until_changed(HISTORY_NAME, max_runs=4)
def _read_history(run: Run) -> tuple[list[StepReport], list[EventReport]]:
    return run.history.read_steps(), run.history.read_events()
