"""The HTML report of a run: one file with its pictures, charts, metrics, settings and events.

The file opens anywhere, without a server or a network: it contains its pictures and Plotly, and its
content security policy forbids it to load anything. It is made from the run's folder only, so the
same run gives the same bytes. The page itself is the template `report.html.jinja`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from dcgan.charts import chart_parts, training_charts
from dcgan.config.config_text import format_setting, hide_dataset_path, hide_path_in_text
from dcgan.config.named_datasets import get_dataset_label, get_picture_noun
from dcgan.config.setting_info import get_setting_group
from dcgan.config.settings import Settings
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.diagnose import diagnose
from dcgan.documents.metric_text import list_metrics, summarize_metrics
from dcgan.documents.templating import load_html_template, read_markup, read_styles
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.evaluation.evaluations_since_change import (
    explain_unmeasured,
    find_last_change,
    select_since_change,
)
from dcgan.evaluation.main_metric import find_main_metric
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.export.films import make_training_film
from dcgan.images.data_urls import encode_data_url
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sample_grid import choose_sample_shape
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.run_folder import Run

_MAX_DIGITS = 64  # Of a sample grid: 8 × 8 digits are as wide as a phone.
_MAX_FRAMES = 32  # Of the film, which is then about 0.6 MB; the file stays below 6 MB.

_VERSION_NAMES = {
    "python": "Python",
    "keras": "Keras",
    "numpy": "NumPy",
    "pillow": "Pillow",
    "tensorflow": "TensorFlow",
}

_LOSSES_HELP = (
    "The number that each network tries to lower. In a healthy run both losses level off and vary "
    "a little. Dashed: each network's loss at balance, when neither wins."
)
_ACCURACY_HELP = (
    "The share of pictures that the discriminator gets right. At 50% of all it is guessing, near "
    "100% it is winning; in between, both networks learn."
)

_Row = tuple[str, ...]


class _Grid(NamedTuple):
    """A sample grid as a picture.

    Attributes:
        step, epoch: The position in training.
        url: The picture as a data URL.
        width, height: Its size, in pixels.
    """

    step: int
    epoch: int
    url: str
    width: int
    height: int


class _Chart(NamedTuple):
    """A chart with the texts around it.

    Attributes:
        name: The id of its element.
        title, alt, help_text: The texts.
        height: In pixels.
        figure: The Plotly figure as parsed JSON.
    """

    name: str
    title: str
    alt: str
    help_text: str
    height: int
    figure: object


def make_html_report(run: Run) -> str:
    """Make the HTML report of a run.

    Args:
        run: The run; it may be in training. Files that are deleted meanwhile are left out.

    Returns:
        An HTML document of about 2 MB, most of it Plotly.

    Raises:
        RunError: If the run cannot be read.
    """
    steps = run.history.read_steps()
    evaluations = run.history.read_evaluations()
    events = run.history.read_events()
    change = find_last_change(events)
    measured = select_since_change(evaluations, change)
    is_outdated = bool(evaluations) and not measured
    rows, columns = choose_sample_shape(run.config, _MAX_DIGITS)
    noun = get_picture_noun(run.config.dataset)
    num_images = run.dataset.num_images
    verdict = (
        diagnose(steps, evaluations, events, run.config, num_images=num_images, has_ended=True)
        if steps
        else None
    )
    shown_charts = _make_charts(steps, evaluations, events, run.config, num_images)
    return load_html_template("dcgan.documents", "templates/report.html.jinja").render(
        title=run.read_title(),
        progress=_describe_progress(run),
        message=hide_path_in_text(run.read_status().message, run.config),
        note=run.read_label().note,
        rows=rows,
        columns=columns,
        grids=_draw_grids(run, rows, columns),
        film=_make_film(run, rows, columns),
        verdict=verdict,
        charts=shown_charts,
        figures={chart.name: chart.figure for chart in shown_charts},
        metrics=list_metrics(measured, noun, num_images),
        metrics_summary=summarize_metrics(measured, noun, num_images),
        noun=noun,
        unmeasured=explain_unmeasured(change) if change is not None and is_outdated else "",
        events=[
            (event.event.replace("_", " ").capitalize(), f"Step {event.step:,}", event.text)
            for event in events
        ],
        settings=_list_settings(run.config),
        origin=_list_origin(run),
        css=read_styles("report.css"),
        js=read_markup("dcgan.documents", "templates/report.js"),
        plotly=read_markup("dcgan.charts", "plotly_basic/plotly-basic.min.js"),
    )


def _describe_progress(run: Run) -> str:
    status, config = run.read_status(), run.config
    total = f" of {config.epochs:,}" if config.epochs is not None else ""
    return (
        f"{status.state.capitalize()}. Epoch {status.epoch:,}{total}, step {status.step:,}, "
        f"{describe_seconds(status.seconds)} of training on {run.dataset.num_images:,} pictures of "
        f"{get_dataset_label(run.dataset.name, run.dataset.name)}."
    )


def _draw_grids(run: Run, rows: int, columns: int) -> list[_Grid]:
    """Return the first, the middle and the last sample grid that can be read."""
    steps = run.samples.list_steps()
    grids = []
    for index in np.unique([0, len(steps) // 2, len(steps) - 1]) if steps else ():
        step = steps[index]
        with contextlib.suppress(RunError):  # Damaged, or removed meanwhile.
            picture = tile(run.samples.read(step), rows, columns)
            height, width = picture.shape[:2]
            url = encode_data_url(encode_png(picture))
            epoch = run.config.compute_epoch(step, run.dataset.num_images)
            grids.append(_Grid(step, epoch, url, width, height))
    return grids


def _make_film(run: Run, rows: int, columns: int) -> str | None:
    try:
        film = make_training_film(
            run, rows, columns, format="webp", max_frames=_MAX_FRAMES, scale=1
        )
    except RunError:  # No grid can be read.
        return None
    return encode_data_url(film)


def _make_charts(
    steps: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport],
    events: Sequence[EventReport],
    config: TrainingConfig,
    dataset_size: int,
) -> list[_Chart]:
    parts = [
        (
            "losses",
            "Losses",
            training_charts.describe_losses(steps),
            _LOSSES_HELP,
            training_charts.plot_losses(steps, config=config),
        ),
        (
            "accuracy",
            "Accuracy of the discriminator",
            training_charts.describe_accuracy(steps),
            _ACCURACY_HELP,
            training_charts.plot_accuracy(steps),
        ),
    ]
    if evaluations:
        distance = METRIC_INFO[find_main_metric(evaluations[-1].metrics)]
        label = training_charts.get_quality_title(evaluations, dataset_size)
        parts.append(
            (
                "distance",
                label,
                training_charts.describe_quality(evaluations, label),
                distance.explain(get_picture_noun(config.dataset)),
                training_charts.plot_quality(evaluations, label=label),
            )
        )
    for *_, figure in parts:
        chart_parts.mark_events(figure, events)
    return [
        _Chart(name, title, alt, help_text, figure.layout.height, json.loads(figure.to_json()))
        for name, title, alt, help_text, figure in parts
    ]


def _list_settings(config: TrainingConfig) -> dict[str, list[_Row]]:
    """Return the rows of the settings by their group: title, value, description."""
    groups: dict[str, list[_Row]] = {}
    shown = hide_dataset_path(config)
    for name, field in Settings.model_fields.items():
        value = format_setting(shown, name)
        row = (str(field.title), value, str(field.description))
        groups.setdefault(get_setting_group(name), []).append(row)
    return groups


def _list_origin(run: Run) -> list[_Row]:
    started = datetime.fromisoformat(run.created)
    return [
        ("Run", run.name),
        ("Started", f"{started.day} {started:%B %Y, %H:%M} UTC"),
        *([("Branch of", run.parent)] if run.parent else []),
        ("Data set", f"{run.dataset.name}, {run.dataset.num_images:,} pictures"),
        *([("What was read", summary)] if (summary := run.dataset.summary) else []),
        ("SHA-256 of its pixels", run.dataset.fingerprint),
        *((_VERSION_NAMES.get(name, name), version) for name, version in run.versions.items()),
    ]
