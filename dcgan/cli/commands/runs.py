"""The command `runs`: the list of saved runs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dcgan.cli.console import print_progress
from dcgan.cli.options import root_option
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.runs.library import list_runs
from dcgan.runs.manifest import Status
from dcgan.runs.run_folder import Run


@click.command()
@root_option("Folder of the runs.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, one object for each run.")
def runs(root: Path, as_json: bool) -> None:
    """List the saved runs, newest first."""
    listed_runs, problems = list_runs(root)
    rows, lines = [], []
    for run in listed_runs:
        try:
            status = run.read_status()
            row = _describe(run, status)
        except RunError as error:  # It was deleted meanwhile.
            problems.append(str(error))
        except OSError as error:
            problems.append(f"{run.name} cannot be read ({error.strerror}).")
        else:
            rows.append(row)
            lines.append(
                f"{row['name']}  {row['status']}, step {row['step']:,}, epoch {row['epoch']:,}, "
                f"{describe_seconds(status.seconds)}"
            )
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for line in lines:
            click.echo(line)
    if not rows:
        print_progress(f"There are no runs in {root} yet.")
    for problem in problems:
        print_progress(f"Left out: {problem}")


def _describe(run: Run, status: Status) -> dict[str, object]:
    """Return the object that `--json` prints for a run."""
    steps = run.checkpoints.list_steps()
    return {
        "name": run.name,
        "title": run.read_title(),
        "path": str(run.path),
        "status": status.state,
        "step": steps[-1] if steps else 0,
        "epoch": status.epoch,
        "seconds": status.seconds,
        "dataset": run.dataset.name,
        "num_images": run.dataset.num_images,
        "num_left_out": run.dataset.num_left_out,
        "created": run.created,
        "class_names": run.config.class_names,
    }
