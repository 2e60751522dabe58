"""The age of a run's newest evaluation in epochs, and the reason why none is newer."""

from __future__ import annotations

from dcgan.reports import EvaluationReport

MAX_EVALUATION_SHARE = 0.03  # Largest share of a run's training time that its evaluations take.


def is_outdated(evaluation: EvaluationReport, epoch: int) -> bool:
    """Return whether the run has trained for more than an epoch since an evaluation."""
    return epoch > evaluation.epoch + 1


def is_overdue(evaluation: EvaluationReport, epoch: int, evaluate_every: int) -> bool:
    """Return whether the evaluations after an outdated one were left out or turned off.

    Args:
        evaluation: The newest evaluation.
        epoch: The epoch of the newest step.
        evaluate_every: The setting `evaluate_every`.
    """
    return is_outdated(evaluation, epoch) and (
        evaluate_every == 0 or epoch > evaluation.epoch + evaluate_every
    )


def explain_age(evaluation: EvaluationReport, epoch: int, evaluate_every: int) -> str:
    """Explain in a sentence why there is no newer evaluation.

    Args:
        evaluation: The newest evaluation.
        epoch: The epoch of the newest step.
        evaluate_every: The setting `evaluate_every`.
    """
    if evaluate_every == 0:
        return "Not measured again since, because measurements were turned off."
    if is_overdue(evaluation, epoch, evaluate_every):
        return (
            f"Not measured since: measuring takes at most {MAX_EVALUATION_SHARE:.0%} of the time."
        )
    return f"It is measured every {evaluate_every} epochs."
