"""The model card of a run's generator: Markdown with YAML metadata, as Hugging Face's hub reads it.

This module collects the values, and the template `card.md.jinja` has the sentences. The format is
described at https://huggingface.co/docs/hub/model-cards. Needs no TensorFlow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from markupsafe import Markup

from dcgan import __version__
from dcgan.config.closest_preset import find_closest_preset
from dcgan.config.config_text import format_setting, hide_dataset_path, hide_path_in_text
from dcgan.config.named_datasets import NAMED_SETS, get_picture_noun, has_digits
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.diagnose import diagnose
from dcgan.documents.metric_text import label_metric, list_metrics, summarize_metrics
from dcgan.documents.templating import escape_for_commonmark, load_markdown_template
from dcgan.durations import describe_seconds
from dcgan.evaluation.evaluations_since_change import select_for_checkpoint
from dcgan.evaluation.metric_info import METRIC_INFO, has_meaning
from dcgan.reports import EvaluationReport, Report
from dcgan.runs.run_folder import Run

_Report = TypeVar("_Report", bound=Report)
_NO_FILES: Mapping[str, str] = MappingProxyType({})


def make_model_card(
    run: Run, *, step: int | None = None, files: Mapping[str, str] = _NO_FILES
) -> str:
    """Make the model card of a run's generator.

    Args:
        run: The run; it may be in training.
        step: The checkpoint; None for the newest.
        files: A description of each file beside the card, by file name. The card shows
            `samples.png` if it is among them.

    Raises:
        RunError: If the run or its checkpoint cannot be read.
    """
    state = run.checkpoints.load(step)
    step = int(state["step"])
    config, label = run.config, run.read_label()
    steps = _select_until(step, run.history.read_steps())
    evaluations = _select_until(step, run.history.read_evaluations())
    events = _select_until(step, run.history.read_events())
    measured = select_for_checkpoint(evaluations, events, step)
    preset, changed = find_closest_preset(config)
    noun = get_picture_noun(config.dataset)
    num_images = run.dataset.num_images
    return load_markdown_template("dcgan.documents", "templates/card.md.jinja").render(
        title=hide_path_in_text(run.read_title(), config),
        note=_quote_note(hide_path_in_text(label.note, config)),
        config=config,
        named_set=NAMED_SETS.get(config.dataset),
        tags=_list_tags(config),
        results=_list_results(measured, num_images),
        has_digits=has_digits(config.dataset),
        files=files,
        num_images=num_images,
        step=step,
        epoch=config.compute_epoch(step, num_images),
        duration=describe_seconds(float(state["seconds"])),
        preset=preset,
        changed=_list_changes(config, preset, changed),
        verdict=(
            diagnose(steps, evaluations, events, config, num_images=num_images, has_ended=True)
            if steps
            else None
        ),
        trained_with=_name_versions(run.versions),
        metrics=list_metrics(measured, noun, num_images),
        metrics_summary=summarize_metrics(measured, noun, num_images),
        version=__version__,
    )


def _quote_note(note: str) -> Markup:
    """Return a person's note as a quotation with the same lines; "" for an empty note."""
    quoted = [f"> {escape_for_commonmark(line)}".rstrip() for line in note.splitlines()]
    text = "\n".join(quoted)
    # In Markdown, a backslash at the end of a line is a line break; without it, the lines of a
    # paragraph are joined.
    return Markup(re.sub(r"(?<=[^>\n])\n(?=> )", "\\\\\n", text))


def _list_tags(config: TrainingConfig) -> list[str]:
    kind = "class-conditional" if config.num_classes > 0 else "unconditional"
    tags = ["dcgan", "gan", f"{kind}-image-generation"]
    if config.dataset in NAMED_SETS:
        tags.append(NAMED_SETS[config.dataset].hub_name.rpartition("/")[2].replace("_", "-"))
    return tags


def _list_results(
    evaluations: Sequence[EvaluationReport], dataset_size: int
) -> list[tuple[str, str, float]]:
    """Return the key, label and value of each metric of the newest evaluation, for the metadata."""
    if not evaluations:
        return []
    metrics, real_metrics = evaluations[-1].metrics, evaluations[-1].real_metrics
    return [
        (name, label_metric(name, evaluations[-1], dataset_size), float(f"{metrics[name]:.6g}"))
        for name in METRIC_INFO
        if name in metrics and has_meaning(name, metrics, real_metrics)
    ]


def _list_changes(
    config: TrainingConfig, preset: str, changed: Sequence[str]
) -> list[tuple[str, str, str]]:
    """Return label, value and the preset's value of changed settings."""
    shown, preset_config = hide_dataset_path(config), TrainingConfig.preset(preset)
    return [
        (get_setting_label(name), format_setting(shown, name), format_setting(preset_config, name))
        for name in changed
    ]


def _name_versions(versions: Mapping[str, str]) -> str:
    """Return the end of a sentence that names the versions; "" if the run did not record them."""
    if not {"keras", "tensorflow"} <= versions.keys():
        return ""
    return f", with Keras {versions['keras']} on TensorFlow {versions['tensorflow']}"


def _select_until(step: int, reports: Sequence[_Report]) -> list[_Report]:
    return [report for report in reports if report.step <= step]
