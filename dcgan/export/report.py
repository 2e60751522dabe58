"""A run as one HTML file: its pictures, curves, figures, settings and what was done to it.

The file opens anywhere, without a server and without a network: pictures and Plotly are inside,
and its own policy forbids it to load anything. Made from the run's folder alone, so the same
run gives the same bytes. Owns the page; the curves are `curves`'s, the film `films`'s.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

import numpy as np

from dcgan.config import TrainingConfig, setting_group
from dcgan.config_text import dataset_base_name, hide_path_in_text
from dcgan.diagnosis.diagnose import diagnose
from dcgan.errors import RunError
from dcgan.evaluation.metric_info import FIGURES, format_figure
from dcgan.evaluation.metrics import missing_digits
from dcgan.export import chart_parts, charts
from dcgan.export.films import training_film
from dcgan.images.data_urls import encode_data_url
from dcgan.images.grids import choose_grid_shape, tile
from dcgan.images.png_recipe import encode_png
from dcgan.recording.progress import describe_seconds
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.run_folder import Run

_MOST_DIGITS = 64  # In a picture: 8 × 8 of them are as wide as a telephone allows.
_MOST_MOMENTS = 32  # In the film, which is some 0.6 MB then: the whole stays below 6 MB.

# A page that may load nothing: what is not inside is not shown.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

_NAMES = {
    "python": "Python",
    "keras": "Keras",
    "numpy": "NumPy",
    "pillow": "Pillow",
    "tensorflow": "TensorFlow",
}

_LOSSES = (
    "What each network tries to lower. They pull against each other, so in a healthy run neither "
    "goes to 0: they settle and wobble."
)
_ACCURACY = (
    "The share of images that the discriminator takes for what they are. At 50% it is guessing, "
    "near 100% it is winning; between the two both learn."
)


def html_report(run: Run) -> str:
    """Write a run's report.

    Args:
        run: May be in training; what goes away meanwhile is left out.

    Returns:
        An HTML document of about 5 MB, most of it Plotly.

    Raises:
        RunError: If the run cannot be read.
    """
    history, evaluations, events = (
        run.history.read_steps(),
        run.history.read_evaluations(),
        run.history.read_events(),
    )
    losses = charts.plot_losses(history, label_smoothing=run.config.label_smoothing)
    accuracy = charts.plot_accuracy(history)
    sections = [
        ("losses", "Losses", charts.describe_losses(history), _LOSSES, losses),
        (
            "accuracy",
            "Accuracy of the discriminator",
            charts.describe_accuracy(history),
            _ACCURACY,
            accuracy,
        ),
    ]
    if evaluations:
        sections.append(
            (
                "distance",
                FIGURES["frechet_distance"].label,
                charts.describe_quality(evaluations),
                FIGURES["frechet_distance"].help_text,
                charts.plot_quality(evaluations),
            )
        )
    for *_, figure in sections:
        chart_parts.mark_events(figure, events)
    figures = {name: json.loads(figure.to_json()) for name, *_, figure in sections}
    title = escape(run.title)
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title} – DCGAN Studio</title>",
            f"<style>\n{_part('report.css')}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{title}</h1>{_where_it_stands(run)}</header>",
            "<main>",
            *_pictures(run),
            "<section><h2>How it went</h2>",
            *_verdict(history, evaluations, events, run.config),
            '<div class="charts">',
            *(_chart(*words, height=figure.layout.height) for *words, figure in sections),
            "</div></section>",
            *_quality(evaluations),
            *_events(events),
            *_settings(run.config),
            *_origin(run),
            "</main>",
            "<footer>Made by DCGAN Studio. This page has all it needs and loads nothing.</footer>",
            f'<script type="application/json" id="figures">{_as_script(figures)}</script>',
            f"<script>{_plotly()}</script>",
            f"<script>\n{_part('report.js')}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _part(name: str) -> str:
    return (importlib.resources.files("dcgan.export") / name).read_text(encoding="utf-8")


def _plotly() -> str:
    """Return the script that comes with the plotly package."""
    script = importlib.resources.files("plotly") / "package_data" / "plotly.min.js"
    return script.read_text(encoding="utf-8")


def _as_script(figures: object) -> str:
    """Write JSON so that no text in it can end the script that it stands in."""
    text = json.dumps(figures, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


# Its parts, from the top.


def _where_it_stands(run: Run) -> str:
    status, config = run.status, run.config
    of_epochs = f" of {config.epochs:,}" if config.epochs is not None else ""
    words = (
        f"{status.state.capitalize()}. Epoch {status.epoch:,}{of_epochs}, step {status.step:,}, "
        f"{describe_seconds(status.seconds)} of training on {run.dataset.num_images:,} images of "
        f"{run.dataset.name}."
    )
    message = hide_path_in_text(status.message, config)
    problem = f"<p>{escape(message)}</p>" if message else ""
    note = f'<div class="note">{escape(run.note)}</div>' if run.note else ""
    return f'<p class="quiet">{escape(words)}</p>{problem}{note}'


def _pictures(run: Run) -> list[str]:
    """Show the training film, and the first, the middle and the last grid."""
    rows, columns = choose_grid_shape(min(_MOST_DIGITS, run.config.num_samples))
    steps = run.samples.list_steps()
    chosen = [steps[index] for index in np.unique([0, len(steps) // 2, len(steps) - 1]) if steps]
    grids = {}
    for step in chosen:
        with contextlib.suppress(RunError):  # Damaged, or thinned out meanwhile.
            grids[step] = tile(run.samples.read(step), rows, columns)
    if not grids:
        return ["<section><h2>What it draws</h2><p>It has kept no picture yet.</p></section>"]
    last = max(grids)
    height, width = grids[last].shape[:2]
    size = f'width="{width}" height="{height}"'
    words = f"{rows} by {columns} digits of the fixed z"
    try:
        film = training_film(run, rows, columns, format="webp", most=_MOST_MOMENTS, scale=1)
        moving = (
            "<picture>"
            # Who asked for less motion sees where it ends.
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{_png(grids[last])}">'
            f'<img src="{encode_data_url(film)}" alt="Training film, {words}, up to step {last}" '
            f'width="{2 * width}" height="{2 * height}" '
            f'style="width: {2 * width}px; --small: {width}px">'
            "</picture>"
        )
    except RunError:
        moving = ""
    stills = [
        f'<figure><img src="{_png(grid)}" alt="Sample grid, {words}, step {step}" {size}>'
        f"<figcaption>Step {step:,}, "
        f"epoch {run.config.epoch_of(step, run.dataset.num_images):,}</figcaption></figure>"
        for step, grid in grids.items()
    ]
    return [
        "<section><h2>What it draws</h2>",
        '<div class="digits">',
        f'<figure class="film">{moving}<figcaption>From the first noise to the end. Always the '
        "same z, so each place is one digit growing up.</figcaption></figure>",
        '<div class="stills">',
        *stills,
        "</div></div></section>",
    ]


def _verdict(
    history: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport],
    events: Sequence[EventReport],
    config: TrainingConfig,
) -> list[str]:
    """Say how it stands and what shows it; nothing before the first step."""
    if not history:
        return []
    verdict = diagnose(history, evaluations, events, config)
    evidence = "".join(f"<li>{escape(sentence)}</li>" for sentence in verdict.evidence)
    return [
        f"<p><strong>{escape(verdict.headline)}</strong> {escape(verdict.cause)}</p>",
        f'<ul class="quiet">{evidence}</ul>',
    ]


def _png(picture: np.ndarray) -> str:
    return encode_data_url(encode_png(picture))


def _chart(name: str, title: str, words: str, meaning: str, *, height: int) -> str:
    return (
        f"<figure><h3>{title}</h3>"
        f'<div class="chart" id="{name}" role="img" aria-label="{escape(words)}" '
        f'style="height: {height}px"></div>'
        f"<figcaption>{escape(words)}. {escape(meaning)}</figcaption></figure>"
    )


def _quality(evaluations: Sequence[EvaluationReport]) -> list[str]:
    if not evaluations:
        return []
    last = evaluations[-1]
    best = min(evaluations, key=lambda report: report.figures["frechet_distance"])
    rows = [
        (
            figure.label,
            format_figure(name, last.figures[name]),
            format_figure(name, last.real_figures[name]) if name in last.real_figures else "–",
            figure.help_text,
        )
        for name, figure in FIGURES.items()
        if name in last.figures
    ]
    words = (
        f"Of {last.num_images:,} digits at step {last.step:,}, beside what as many real ones get. "
        f"The Fréchet distance was best at step {best.step:,}: "
        f"{format_figure('frechet_distance', best.figures['frechet_distance'])}."
    )
    if last.digit_shares:
        shares = ", ".join(f"{digit}: {share:.0%}" for digit, share in enumerate(last.digit_shares))
        missing = ", ".join(map(str, missing_digits(np.array(last.digit_shares)))) or "none"
        words += f" How often each digit comes: {shares}. Missing digits: {missing}."
    return [
        f"<section><h2>How real the digits are</h2><p>{escape(words)}</p>",
        _table(("Figure", "This run", "Real digits", "How to read it"), [("", rows)]),
        "</section>",
    ]


def _events(events: Sequence[EventReport]) -> list[str]:
    if not events:
        return []
    rows = [
        (event.event.replace("_", " ").capitalize(), f"Step {event.step:,}", event.text)
        for event in events
    ]
    table = _table(("What", "Where", "In words"), [("", rows)])
    return [f"<section><h2>What was done to it</h2>{table}</section>"]


def _settings(config: TrainingConfig) -> list[str]:
    groups: dict[str, list[tuple[str, ...]]] = {}
    for name, field in TrainingConfig.model_fields.items():
        value = dataset_base_name(config) if name == "dataset" else _plain(getattr(config, name))
        row = (str(field.title), value, str(field.description))
        groups.setdefault(setting_group(name), []).append(row)
    table = _table(("Setting", "Value", "What it is"), groups.items())
    return [f"<section><h2>Settings</h2>{table}</section>"]


def _plain(value: object) -> str:
    if value is None:
        return "no limit"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    return str(value)


def _origin(run: Run) -> list[str]:
    begun = datetime.fromisoformat(run.created)
    rows = [
        ("Run", run.name),
        ("Begun", f"{begun.day} {begun:%B %Y, %H:%M} UTC"),
        *([("Branch of", run.parent)] if run.parent else []),
        ("Data set", f"{run.dataset.name}, {run.dataset.num_images:,} images"),
        *([("What was read", run.dataset.note)] if run.dataset.note else []),
        ("SHA-256 of its pixels", run.dataset.fingerprint),
        *((_NAMES.get(name, name), version) for name, version in run.versions.items()),
    ]
    table = _table(("", ""), [("", rows)])
    return [f"<section><h2>Where it comes from</h2>{table}</section>"]


def _table(heads: Sequence[str], groups: Iterable[tuple[str, Sequence[tuple[str, ...]]]]) -> str:
    """Write a table: a row's first cell names it, the last may be long, those between are values.

    Args:
        heads: Of the columns; all empty for a table without.
        groups: A heading, or none, and the rows below it; any text, escaped here.
    """
    parts = ['<div class="table"><table>']
    if any(heads):
        columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
        parts.append(f"<thead><tr>{columns}</tr></thead>")
    for heading, rows in groups:
        parts.append("<tbody>")
        if heading:
            parts.append(
                f'<tr><th scope="rowgroup" colspan="{len(heads)}">{escape(heading)}</th></tr>'
            )
        for first, *values in rows:
            *short, last = values
            cells = [f'<td class="value">{escape(value)}</td>' for value in short]
            cells.append(f"<td>{escape(last)}</td>")
            parts.append(f'<tr><th scope="row">{escape(first)}</th>{"".join(cells)}</tr>')
        parts.append("</tbody>")
    parts.append("</table></div>")
    return "\n".join(parts)
