"""The command `evaluate`: the metrics of a run's pictures."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.console import Console

from dcgan.cli.options import checkpoint_option, run_argument
from dcgan.config.named_datasets import get_picture_noun
from dcgan.config.settings import MAX_SEED
from dcgan.evaluation import metric_info
from dcgan.runs.library import find_run


@click.command()
@run_argument
@checkpoint_option("The step to measure. [default: the newest]")
@click.option(
    "--count",
    type=click.IntRange(metric_info.MIN_EVALUATED, 30_000),
    default=metric_info.FULL_EVALUATION,
    show_default=True,
    help="Number of pictures, compared with the same number of real ones.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    help="Start of the random numbers: the same seed draws and measures the same pictures.",
)
@click.option(
    "--tell",
    is_flag=True,
    help="Also measure how often a program that learned from both kinds can tell the pictures "
    "from real ones. Needs scikit-learn.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the metrics as one JSON object.")
def evaluate(
    run_name: str,
    root: Path,
    checkpoint: int | None,
    count: int,
    seed: int,
    tell: bool,
    as_json: bool,
) -> None:
    """Measure how real RUN's pictures are.

    Prints each metric beside its value for real pictures. The first is the distance to real digits
    (Fréchet distance), or to real pictures (sliced Wasserstein distance): lower is better.
    """
    from dcgan.digit_classifier.classifier import hash_weights, read_test_accuracy
    from dcgan.evaluation import two_sample_test
    from dcgan.evaluation.evaluation_text import describe_evaluation
    from dcgan.runs.checkpoint_generator import evaluate_run, evaluate_run_by_two_sample_test

    run = find_run(run_name, root)
    if tell:
        two_sample_test.check_scikit_learn()
    console = Console(stderr=True)
    with console.status("Drawing and measuring"):
        step, measured, real = evaluate_run(run, num_images=count, seed=seed, step=checkpoint)
    two_samples = None
    if tell:
        with console.status("Learning to tell the pictures from real ones"):
            _, two_samples = evaluate_run_by_two_sample_test(run, seed=seed, step=step)
    if as_json:
        answer = {
            "run": run.name,
            "path": str(run.path),
            "step": step,
            "seed": seed,
            # The keys are part of the command line's contract; "judge" is the digit classifier.
            "judge": hash_weights(),
            "judge_accuracy": read_test_accuracy(),
            **metric_info.convert_to_json(measured, real),
        }
        if two_samples is not None:
            answer["tell"] = two_sample_test.convert_to_json(two_samples)
        click.echo(json.dumps(answer, indent=2))
        return
    noun = get_picture_noun(run.config.dataset)
    click.echo(f"{run.name}, step {step:,}: {measured.num_images:,} {noun}s")
    for line in describe_evaluation(measured, real, run.dataset.num_images):
        click.echo(line)
    if two_samples is not None:
        for line in two_sample_test.describe_two_sample_test(two_samples):
            click.echo(line)
