"""The reason why nothing can be seen in the pictures of a generator, by its newest evaluation."""

from __future__ import annotations

from dashboard.generators.generator_source import GeneratorSource
from dashboard.process.file_cache import cache_until_changed
from dcgan.errors import RunError
from dcgan.evaluation import metric_info
from dcgan.evaluation.age import is_outdated
from dcgan.evaluation.evaluations_since_change import select_for_checkpoint
from dcgan.reports import EvaluationReport, EventReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.run_folder import Run


def explain_unreadable_source(source: GeneratorSource) -> str:
    """Explain why nothing can be seen in this generator's pictures.

    Returns:
        The text of `metric_info.explain_unreadable`; "" if the pictures are readable, or if their
        newest evaluation is outdated.
    """
    run, step = source.run, source.step
    try:
        evaluations, events = _read_history(run)
    except RunError:  # The grid or the page of the run shows the error.
        return ""
    if source.trainer is not None:
        snapshot = source.trainer.snapshot()
        evaluations, events, step = list(snapshot.evaluations), list(snapshot.events), snapshot.step
    if step is None:
        step = run.checkpoints.find_newest() or 0
    measured = select_for_checkpoint(evaluations, events, step)
    epoch = run.config.compute_epoch(step, run.dataset.num_images)
    if not measured or is_outdated(measured[-1], epoch):
        return ""
    return metric_info.explain_unreadable(measured[-1].metrics, measured[-1].real_metrics)


@cache_until_changed(HISTORY_NAME, max_runs=4)
def _read_history(run: Run) -> tuple[list[EvaluationReport], list[EventReport]]:
    return run.history.read_evaluations(), run.history.read_events()
