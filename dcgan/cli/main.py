"""The command line: `python -m dcgan`.

A second user of the library beside the dashboard. Results go to standard output, progress to
standard error. Exit codes: 0 done, 1 failed on the way, 2 wrong input (`errors` decides between
these two), 129, 130 and 143 interrupted with a checkpoint saved. A second SIGINT or SIGTERM ends
the process at once.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from dcgan.config import (
    MAX_SEED,
    NAMED_SETS,
    PRESET_HELP,
    PRESETS,
    TrainingConfig,
    describe_bounds,
    describe_separators,
    setting_schema,
    settings_that_change,
)
from dcgan.errors import (
    FAILED,
    ConfigError,
    DCGANError,
    DiskWriteError,
    InUseError,
    UnreadableFileError,
    WorkerError,
)
from dcgan.files import OutputError, check_output_folder, write_output
from dcgan.recording.disk_retry import patience
from dcgan.recording.progress import show_progress, show_work
from dcgan.runs.library import find_run, list_runs
from dcgan.runs.run_folder import ROOT, Run
from dcgan.signals import collect_signals, install_signal_collector
from dcgan.streams import escape_unencodable_text, reopen_closed_streams, tolerate_closed_readers
from dcgan.sweeps import sweeps
from dcgan.sweeps.grid import expand_grid, parse_values

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

# TensorFlow's notes on its own build are no news to a person who trains.
_LOG_LEVEL = "2"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", _LOG_LEVEL)

Command = Callable[..., None]

_RECORDS = (".csv", ".parquet", ".html")  # What `export` makes of a run without its networks.
_MAX_DIGITS = 10_000  # A grid of these is 6,000 pixels wide, of pictures of 64×64 13,000.


class _Sentences(click.Group):
    """Prints the errors that a person can mend as one sentence, and exits with their code."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except DCGANError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)
        except MemoryError as error:
            reason = f" ({error})" if str(error) else ""
            message = (
                f"Error: there is not enough memory{reason}; close other programs or ask for less."
            )
            click.echo(message, err=True)
            sys.exit(FAILED)


@click.group(cls=_Sentences, context_settings={"max_content_width": 100})
def main() -> None:
    """Train a DCGAN on MNIST, and use what it learned."""


class _Number(click.FloatRange):
    """A number whose refusal tells how to write a decimal comma."""

    def convert(
        self, value: float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            return float(super().convert(value, param, ctx))
        except click.BadParameter as error:
            hint = describe_separators(str(value))
            raise click.BadParameter(f"{error.message.rstrip('.')}{hint}.", ctx, param) from None


def _settings_options(names: Iterable[str]) -> Callable[[Command], Command]:
    """Give a command one flag for each of these fields of TrainingConfig, with help and bounds."""

    def decorate(command: Command) -> Command:
        for name in reversed(list(names)):
            field = TrainingConfig.model_fields[name]
            option = functools.partial(
                click.option,
                f"--{name.replace('_', '-')}",
                name,
                metavar="VALUE",
                help=f"{field.description} [{describe_bounds(name)}]",
            )
            is_switch = setting_schema(name)["type"] == "boolean"
            # A switch without a value turns on.
            decorator = option(is_flag=False, flag_value="true") if is_switch else option()
            command = decorator(command)
        return command

    return decorate


_deterministic_option = click.option(
    "--deterministic",
    is_flag=True,
    help="Train so that the run repeats bit for bit on this machine; somewhat slower.",
)


_profile_option = click.option(
    "--profile",
    is_flag=True,
    help="Write a TensorFlow profile of some seconds into the run's folder, for TensorBoard.",
)


def _run_argument(command: Command) -> Command:
    """Let a command take RUN, and the folder where its name is looked up."""
    root = click.option(
        "--root",
        type=click.Path(path_type=Path, file_okay=False),
        default=ROOT,
        help="Folder where RUN is looked up by its name. [default: checkpoints/]",
    )
    return click.argument("run")(root(command))


def _workers_options(command: Command) -> Command:
    """Let a command train with several workers."""
    for option in (
        click.option(
            "--worker-index",
            type=click.IntRange(min=0),
            help="Which of the workers this process is, from 0; the first is the chief.",
        ),
        click.option(
            "--workers",
            metavar="HOST:PORT,…",
            help="All workers of --strategy multi_worker, the same list for each of them. "
            "[default: from TF_CONFIG]",
        ),
    ):
        command = option(command)
    return command


@main.command()
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default="fast",
    show_default=True,
    help=" ".join(f"{name}: {text}" for name, text in PRESET_HELP.items()),
)
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path),
    help="Folder of this run, new or empty. [default: a new one under --root]",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the runs, as that of the dashboard. [default: checkpoints/]",
)
@_deterministic_option
@_profile_option
@_workers_options
@_settings_options(TrainingConfig.model_fields)
def train(
    preset: str,
    run_dir: Path | None,
    root: Path | None,
    deterministic: bool,
    profile: bool,
    workers: str | None,
    worker_index: int | None,
    **flags: str | None,
) -> None:
    """Train a new run. Flags that are not given take the preset's values.

    With --max-seconds and no --epochs the clock alone decides. With --workers, the command is
    started once for each of them; what the first is told holds for all.
    """
    if run_dir is not None and root is not None:
        raise ConfigError("--root: --run-dir says already where this run goes; give one of them.")
    given = _given(flags)
    if _set_workers(workers, worker_index, given.get("strategy")):
        given["strategy"] = "multi_worker"
    if "max_seconds" in given and "epochs" not in given:
        given["epochs"] = None
    config = TrainingConfig.preset(preset, **given)
    with collect_signals() as interrupted:
        if _is_follower(config.strategy):
            _prepare(deterministic)
            _follow(interrupted)
            return
        from dcgan.recording.recording import start_run

        _prepare(deterministic)
        run, gan, dataset = start_run(config, root=root or ROOT, path=run_dir, progress=show_work)
        _finish(run, gan, dataset, interrupted, profile=profile)


@main.command()
@click.option(
    "--vary",
    "varied",
    multiple=True,
    required=True,
    metavar="SETTING=V1,V2,…",
    help="Values that a setting takes in turn, such as seed=1,2,3; lists such as the channels are "
    "parted by semicolons. Given for two settings, each is combined with each.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT,
    help="Folder of the runs. [default: checkpoints/]",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default="fast",
    show_default=True,
    help="As train.",
)
@click.option(
    "--tasks",
    type=click.IntRange(1),
    help="Train one of so many shares of the runs only. [default: 1]",
)
@click.option(
    "--task",
    type=click.IntRange(0),
    help="Which share, from 0. [default, with --tasks: SLURM_ARRAY_TASK_ID or "
    "JOB_COMPLETION_INDEX]",
)
@click.option(
    "--on",
    "engine",
    type=click.Choice(["here", "ray"]),
    default="here",
    show_default=True,
    help="here: one after the other, in this process. ray: at the same time, on the cores of this "
    "machine or of the cluster that RAY_ADDRESS names.",
)
@click.option(
    "--cpus-per-run", type=click.IntRange(1), help="Cores for each run on Ray. [default: 1]"
)
@click.option(
    "--gpus-per-run",
    type=_Number(0),
    help="GPUs for each run on Ray, or a part of one. [default: 0]",
)
@click.option("--dry-run", is_flag=True, help="Say where the runs stand, and train nothing.")
@_deterministic_option
@_settings_options(TrainingConfig.model_fields)
def sweep(
    varied: tuple[str, ...],
    root: Path,
    preset: str,
    tasks: int | None,
    task: int | None,
    engine: str,
    cpus_per_run: int | None,
    gpus_per_run: float | None,
    dry_run: bool,
    deterministic: bool,
    **flags: str | None,
) -> None:
    """Train several runs that differ; print the folder of each, and how they compare.

    One that fails says why, and the next one begins. An interrupt ends the runs under way, saved,
    and the sweep with them. The same command goes on where it was: what is finished stays as it
    is, what was interrupted is resumed.
    """
    choices: dict[str, list[object]] = {}
    for pair in varied:
        name, equals, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise ConfigError(f"--vary: got {pair!r}; expected a setting, = and its values.")
        choices.setdefault(name, []).extend(parse_values(name, text))
    given = _given(flags)
    if "max_seconds" in given | choices and "epochs" not in given | choices:
        given["epochs"] = None
    configs = expand_grid(TrainingConfig.preset(preset, **given), choices, sweeps.MAX_RUNS)
    task, tasks = sweeps.read_task(task, tasks, os.environ)
    mine = sweeps.combinations(configs, choices, root)[task::tasks]
    if engine == "ray":
        if any(config.strategy == "multi_worker" for config in configs):
            raise ConfigError("--on ray: a run of several workers is none of its; choose another.")
        from dcgan.sweeps.ray_runner import check_ray

        check_ray()
    elif cpus_per_run is not None or gpus_per_run is not None:
        raise ConfigError("--cpus-per-run and --gpus-per-run: give them with --on ray.")
    if tasks > 1:
        shares = f"Task {task} (of 0 to {tasks - 1}): {len(mine)} of the {len(configs)} runs"
        click.echo(shares, err=True)
    if dry_run:
        for line in sweeps.table([sweeps.read_row(each) for each in mine]):
            click.echo(line)
        return
    with collect_signals() as interrupted:
        exit_code: int | str | None
        try:
            if engine == "ray":
                options = (cpus_per_run or 1, gpus_per_run or 0.0, deterministic)
                exit_code = _sweep_on_ray(mine, *options, interrupted)
            else:
                _prepare(deterministic)
                exit_code = _sweep_here(mine, interrupted)
        except SystemExit as end:  # Interrupted, or the disk took nothing more.
            exit_code = end.code
    # Standard output has folders alone, for scripts.
    for line in sweeps.table([sweeps.read_row(each) for each in mine]):
        click.echo(line, err=True)
    sys.exit(exit_code)


def _sweep_here(mine: Sequence[sweeps.Combination], interrupted: list[int]) -> int:
    """Train one after the other; return what to exit with."""
    exit_code = 0
    for number, each in enumerate(mine, start=1):
        if interrupted:
            sys.exit(128 + interrupted[0])
        begins = f"Run {number} of {len(mine)}: {each.words}"
        try:
            with sweeps.claimed(each):
                ready = sweeps.begin(each, show_work)
                if ready is None:
                    found = each.run()
                    differs = "" if found is None else each.differs_from(found)
                    since = f", and was changed since: {differs}" if differs else ""
                    click.echo(f"{begins}: finished before{since}", err=True)
                    click.echo(str(each.path.resolve()))
                    continue
                since = "" if ready.step is None else f": goes on from step {ready.step:,}"
                click.echo(f"{begins}{since}", err=True)
                _finish(ready.run, ready.gan, ready.dataset, interrupted)
        except InUseError as error:
            click.echo(f"{begins}: {error}", err=True)
            exit_code = max(exit_code, error.exit_code)
        except DCGANError as error:  # A learning rate that is too high, for one.
            click.echo(f"{begins}\nError: {error}", err=True)
            exit_code = max(exit_code, error.exit_code)
    return exit_code


def _sweep_on_ray(
    mine: Sequence[sweeps.Combination],
    cpus: int,
    gpus: float,
    deterministic: bool,
    interrupted: list[int],
) -> int:
    """Train at the same time; return what to exit with."""
    from dcgan.sweeps.ray_runner import train_all

    def started() -> None:
        if not interrupted:
            install_signal_collector(interrupted)  # Ray took SIGTERM for itself.

    try:
        exit_code = train_all(
            mine,
            cpus=cpus,
            gpus=gpus,
            deterministic=deterministic,
            interrupted=interrupted,
            started=started,
            tell=_tell,
        )
    except SystemExit:  # Ray's own answer to SIGTERM, until `started`; nothing trains by then.
        exit_code = 128 + signal.SIGTERM
    for each in mine:
        with contextlib.suppress(DCGANError):  # Damaged: the table says so.
            if each.run() is not None:
                click.echo(str(each.path.resolve()))
    return 128 + interrupted[0] if interrupted else exit_code


@main.command()
@_run_argument
@click.option("--epochs", type=click.IntRange(1, 100_000), help="Train this many epochs more.")
@click.option(
    "--max-seconds",
    type=_Number(0, 10_000_000, min_open=True),
    help="Train this many seconds more.",
)
@click.option("--checkpoint", type=int, help="Go on from this step, as a branch.")
@click.option(
    "--take-over",
    is_flag=True,
    help="Continue RUN although another machine was writing it minutes ago, because you know that "
    "this machine is gone.",
)
@_deterministic_option
@_profile_option
@_workers_options
@click.option(
    "--dataset",
    metavar="PATH",
    help="Where the run's own pictures are now, if not where they were: the same ones.",
)
@_settings_options(settings_that_change("in_branch"))
def resume(
    run: str,
    root: Path,
    epochs: int | None,
    max_seconds: float | None,
    checkpoint: int | None,
    take_over: bool,
    deterministic: bool,
    profile: bool,
    workers: str | None,
    worker_index: int | None,
    **flags: str | None,
) -> None:
    """Go on with RUN; without flags, finish what was planned.

    With changed settings a branch is made: a run of its own, which begins where RUN stands. It is
    kept beside RUN, or in --root where RUN comes with the program.
    """
    changes = _given(flags)
    are_told = _set_workers(workers, worker_index, changes.get("strategy"))
    with collect_signals() as interrupted:
        # A worker that follows needs no run: it may be on a machine that does not see the folder.
        found = None if are_told and _is_follower("multi_worker") else find_run(run, root)
        if found is None or _is_follower(str(changes.get("strategy", found.config.strategy))):
            _prepare(deterministic)
            _follow(interrupted)
            return
        if are_told and found.config.strategy != "multi_worker":
            changes["strategy"] = "multi_worker"
        from dcgan.recording.recording import continue_run

        _prepare(deterministic)
        ready = continue_run(
            found,
            epochs=epochs,
            seconds=max_seconds,
            step=checkpoint,
            changes=changes,
            take_over=take_over,
            root=root if found.is_read_only else None,
            progress=show_work,
        )
        _finish(*ready, interrupted, profile=profile)


@main.command()
@_run_argument
@click.option(
    "--count", type=click.IntRange(1, _MAX_DIGITS), required=True, help="How many digits."
)
@click.option("--seed", type=click.IntRange(0, MAX_SEED), default=0, show_default=True)
@click.option("--checkpoint", type=int, help="The step to draw from. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=".png: a grid; .gif or .webp: a walk through COUNT latent vectors; .npz: images and z.",
)
def generate(
    run: str, root: Path, count: int, seed: int, checkpoint: int | None, out: Path
) -> None:
    """Draw digits with RUN's generator."""
    from dcgan.export.digit_files import check_output, write_digits

    check_output(out, count)
    found = find_run(run, root)
    write_digits(found, out, count=count, seed=seed, step=checkpoint, progress=show_work)
    click.echo(str(out))


@main.command()
@_run_argument
@click.option("--checkpoint", type=int, help="The step to export. [default: the newest]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="A .keras, .csv, .parquet or .html file, or a folder for a SavedModel.",
)
def export(run: str, root: Path, checkpoint: int | None, out: Path) -> None:
    """Write RUN's generator, its history or a report of it, for use without this program.

    \b
    generator.keras  the generator as a Keras model
    a folder         the generator as a SavedModel
    history.csv      the history as a table, a row a report
    history.parquet  the same with types
    report.html      a page with its pictures, curves and settings, to be shown anywhere
    """
    found = find_run(run, root)
    if out.suffix.lower() in _RECORDS:
        if checkpoint is not None:
            raise OutputError(f"--checkpoint: {out.name} is about the whole run; leave it out.")
        _write_record(found, out)
    else:
        from dcgan.export.model_files import export_generator

        with Console(stderr=True).status("Writing the model"):
            export_generator(found, out, step=checkpoint)
    click.echo(str(out))


def _write_record(run: Run, out: Path) -> None:
    """Write what a run says about itself, for which no network is needed."""
    check_output_folder(out)
    if out.suffix.lower() == ".html":
        from dcgan.export.report import html_report

        data = html_report(run).encode()
    else:
        from dcgan.export.tables import history_csv, history_parquet

        is_csv = out.suffix.lower() == ".csv"
        data = history_csv(run).encode() if is_csv else history_parquet(run)
    write_output(out, data)


@main.command()
@_run_argument
@click.option("--checkpoint", type=int, help="The step to keep. [default: the newest]")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The copy's folder, a new one."
)
def slim(run: str, root: Path, checkpoint: int | None, out: Path) -> None:
    """Copy RUN in a quarter of the space; it draws the same, and training can go on from it.

    Weights are kept in half precision, without the optimizers; of the past as much as charts and
    a film show.
    """
    from dcgan.export.slim import slim_copy

    click.echo(str(slim_copy(find_run(run, root), out, checkpoint).path))


@main.command()
@_run_argument
@click.option("--checkpoint", type=int, help="The step to measure. [default: the newest]")
@click.option(
    "--count",
    type=click.IntRange(20, 30_000),
    default=10_000,
    show_default=True,
    help="How many digits to hold against as many real ones.",
)
@click.option("--seed", type=click.IntRange(0, MAX_SEED), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def evaluate(
    run: str, root: Path, checkpoint: int | None, count: int, seed: int, as_json: bool
) -> None:
    """Measure how real RUN's digits are, beside what real digits get."""
    from dcgan.evaluation import digit_classifier, metric_info
    from dcgan.export.samplers import evaluate_run

    found = find_run(run, root)
    with Console(stderr=True).status("Drawing and measuring"):
        step, ours, floor = evaluate_run(found, num_images=count, seed=seed, step=checkpoint)
    if as_json:
        answer = {
            "run": found.name,
            "path": str(found.path),
            "step": step,
            "seed": seed,
            "judge": digit_classifier.judge_fingerprint(),
            "judge_accuracy": digit_classifier.judge_accuracy(),
            **metric_info.as_json(ours, floor),
        }
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo(f"{found.name}, step {step:,}: {ours.num_images:,} digits")
    for line in metric_info.describe_all(ours, floor):
        click.echo(line)


@main.command()
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT,
    help="Folder of the runs. [default: checkpoints/]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
def runs(root: Path, as_json: bool) -> None:
    """List the saved runs, newest first."""
    found, problems = list_runs(root)
    rows = [_row(run) for run in found]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            click.echo(
                f"{row['name']}  {row['status']}, step {row['step']}, epoch {row['epoch']}, "
                f"{row['seconds']:.0f} s"
            )
    if not rows:
        click.echo(f"There are no runs in {root} yet.", err=True)
    for problem in problems:
        click.echo(f"Left out: {problem}", err=True)


def _row(run: Run) -> dict[str, object]:
    status, steps = run.status, run.checkpoints()
    return {
        "name": run.name,
        "title": run.title,
        "path": str(run.path),
        "status": status.state,
        "step": steps[-1] if steps else 0,
        "epoch": status.epoch,
        "seconds": status.seconds,
        "dataset": run.dataset.name,
        "num_images": run.dataset.num_images,
        "num_left_out": run.dataset.num_left_out,
        "created": run.created,
    }


def _given(flags: Mapping[str, str | None]) -> dict[str, object]:
    return {name: value for name, value in flags.items() if value is not None}


def _prepare(deterministic: bool) -> None:
    """Get the process ready for training."""
    if deterministic:
        from dcgan.backend import make_deterministic

        make_deterministic()


def _set_workers(workers: str | None, index: int | None, strategy: object) -> bool:
    """Take over who the workers are, if that was given; return whether it was."""
    if workers is None and index is None:
        return False
    if workers is None or index is None:
        raise ConfigError("workers: give --workers and --worker-index together.")
    if strategy not in (None, "multi_worker"):
        raise ConfigError("workers: they train together with --strategy multi_worker alone.")
    _hush_tensorflow()
    from dcgan.distributed.cluster import set_cluster

    set_cluster(workers, index)
    return True


def _hush_tensorflow() -> None:
    """Let it not print pages about a worker that is gone, which is told in a sentence."""
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == _LOG_LEVEL:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def _is_follower(strategy: str) -> bool:
    if strategy != "multi_worker":
        return False
    _hush_tensorflow()
    from dcgan.distributed.cluster import read_cluster

    return not read_cluster().is_chief


def _tell(words: str) -> None:
    click.echo(words, err=True)


def _finish(
    run: Run, gan: DCGAN, dataset: ImageDataset, interrupted: list[int], *, profile: bool = False
) -> None:
    """Train to the end or to the first signal; print the run's folder last."""
    from dcgan.recording.profiling import profiled
    from dcgan.recording.recording import record

    if run.config.strategy == "multi_worker" and not interrupted:
        install_signal_collector(interrupted)  # TensorFlow replaced the SIGTERM handler.
    if run.config.dataset not in NAMED_SETS:
        _tell(f"{dataset.name}: {dataset.describe()}")
    last_step = run.config.total_steps(len(dataset))
    try:
        with (
            contextlib.closing(record(run, gan, dataset, patience(interrupted, _tell))) as reports,
            contextlib.closing(
                profiled(reports, run.path, _tell) if profile else reports
            ) as watched,
            contextlib.closing(show_progress(watched, run.config, last_step)) as shown,
        ):
            for _ in shown:
                if gan.stop_is_wanted and not interrupted:
                    interrupted.append(signal.SIGTERM)
                if interrupted:
                    break
    except (DiskWriteError, WorkerError) as error:
        step = max(run.checkpoints(), default=None)
        saved = "" if step is None else f" The run is saved up to step {step:,}."
        click.echo(f"Error: {error}{saved}", err=True)
        sys.exit(FAILED)
    finally:  # Also when training failed: what was learned until then is there.
        click.echo(str(run.path))
    if interrupted:
        click.echo(f"Saved at step {gan.step:,}; resume goes on from there.", err=True)
        sys.exit(128 + interrupted[0])
    _tell_verdict(run)


def _tell_verdict(run: Run) -> None:
    """Say how a finished run stands, as the Train page does."""
    from dcgan.diagnosis.diagnose import diagnose

    with contextlib.suppress(UnreadableFileError):  # It is trained and saved all the same.
        steps = run.history()
        if not steps:
            return
        verdict = diagnose(steps, run.evaluations(), run.events(), run.config)
        words = f"{verdict.headline} {verdict.evidence[0]}"
        if verdict.kind == "starting":
            words += " With resume it trains on: give --epochs or --max-seconds."
        _tell(words)


def _follow(interrupted: list[int]) -> None:
    """Train as one of the workers that do what the chief tells; print the run's folder last."""
    from dcgan.distributed.workers import follow

    def begin(words: str) -> None:
        if not interrupted:
            install_signal_collector(interrupted)  # TensorFlow replaced the SIGTERM handler.
        click.echo(words, err=True)

    try:
        run = follow(lambda: bool(interrupted), begin, show_work)
    except WorkerError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    click.echo(run)
    if interrupted:
        sys.exit(128 + interrupted[0])


def run_command_line() -> None:
    """Run `python -m dcgan` with the process's arguments and standard streams."""
    reopen_closed_streams()
    tolerate_closed_readers()
    escape_unencodable_text()
    try:
        main(prog_name="python -m dcgan")
    except DiskWriteError as error:  # Standard output refused the help text.
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
