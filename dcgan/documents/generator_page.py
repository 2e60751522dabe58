"""The page of a generator: one HTML file that draws digits in any browser.

The file needs no server, network or Python: it contains the generator's weights and the scripts
that draw with them. Its content security policy forbids it to load anything or to run other
scripts. The page itself is the template `generator_page.html.jinja`; its scripts are in
`frontend/`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from dcgan import __version__
from dcgan.config.closest_preset import describe_difference
from dcgan.config.config_text import format_setting, hide_dataset_path
from dcgan.config.named_datasets import NAMED_SETS, get_picture_noun, has_digits
from dcgan.config.training_config import TrainingConfig
from dcgan.digit_classifier.classifier import load_digit_classifier
from dcgan.documents.metric_text import list_metrics
from dcgan.documents.packed_generator import pack_generator
from dcgan.documents.templating import load_html_template, read_markup, read_styles
from dcgan.durations import describe_seconds
from dcgan.errors import RunError
from dcgan.evaluation.evaluations_since_change import select_for_checkpoint
from dcgan.files.file_names import slugify
from dcgan.images.grids import align_columns
from dcgan.latent.arithmetic import MAX_PSI, make_axis_direction
from dcgan.latent.class_text import MAX_CHARACTERS, can_be_typed
from dcgan.latent.directions import SLIDER_LIMIT, find_named_directions
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY
from dcgan.latent.survey import Survey, compute_log_odds, sample_survey_latent, take_survey
from dcgan.model.sampler import Sampler
from dcgan.model.state import select_generator_weights
from dcgan.networks.plain_layers import make_plain_layers
from dcgan.reports import EvaluationReport
from dcgan.runs.checkpoint_generator import set_checkpoint_weights
from dcgan.runs.run_folder import Run

# Each script uses only those before it.
_SCRIPTS = (
    "generator.js",
    "latent.js",
    "pictures.js",
    "palette.js",
    "gif.js",
    "fit.js",
    "page_elements.js",
    "digit_grid.js",
    "walk_film.js",
    "generator_page.js",
)
_GRID_SIDE = 6
_NUM_AXIS_SLIDERS = 12  # Sliders for single numbers of z, if there are no named directions.
_NUM_HANDWRITINGS = 32  # Latent vectors from which the one with the clearest digits is chosen.
_FIRST_TEXT, _FIRST_DIGIT = "2026", 3  # The same as on Explore.
_DECIMALS = 5  # Decimals of the vectors in the file.


class _Slider(NamedTuple):
    """A slider of z.

    Attributes:
        label, help: The texts.
        vector: Unit vector, shape (latent_dim,).
        limit: The slider goes from -limit to limit.
    """

    label: str
    help: str
    vector: np.ndarray
    limit: float


class _Example(NamedTuple):
    """A digit that the page offers.

    Attributes:
        name: Name for people, such as "a clear 3".
        z: Shape (latent_dim,).
        class_id: The class to draw it as; without classes the digit that it shows, or 0.
    """

    name: str
    z: np.ndarray
    class_id: int


def make_generator_page(run: Run, *, step: int | None = None) -> str:
    """Make the page of a run's generator.

    Args:
        run: The run; it may be in training.
        step: The checkpoint; None for the newest.

    Returns:
        An HTML document; 0.9 MB with the `fast` preset and 6.2 MB with `classic`, most of it the
        weights.

    Raises:
        RunError: If the checkpoint cannot be read, or its weights contain NaN or infinity.
    """
    config = run.config
    state = run.checkpoints.load(step)
    step, seconds = int(state["step"]), float(state["seconds"])
    sampler = _make_sampler(run, state)
    layers = make_plain_layers(sampler.get_weights(), config)
    digits = _list_digits(config)
    survey = take_survey(sampler.generate, config.latent_dim, digits=digits)
    sliders, sliders_note = _make_sliders(sampler, survey)
    examples = _find_examples(sampler, survey)
    names, noun = config.class_names, get_picture_noun(config.dataset)
    title = run.read_title()
    num_columns = align_columns(_GRID_SIDE, config.num_classes)
    css, js = read_styles("generator_page.css"), _join_scripts()
    evaluations = _select_evaluations(run, step)
    return load_html_template("dcgan.documents", "templates/generator_page.html.jinja").render(
        title=title,
        contents=_describe_contents(config),
        noun=noun,
        class_names=names,
        examples=[str(example.class_id) for example in examples] if digits else [],
        has_class_columns=num_columns == config.num_classes,
        sliders=sliders,
        sliders_note=sliders_note,
        max_psi=MAX_PSI,
        can_write_text=bool(names) and can_be_typed(names),
        is_number=all(name.isdecimal() for name in names),
        max_characters=MAX_CHARACTERS,
        first_text=_FIRST_TEXT if set(_FIRST_TEXT) <= set(names) else "".join(names[:4]),
        facts=_list_facts(run, step, seconds),
        metrics=list_metrics(evaluations, noun, run.dataset.num_images, "generator"),
        evaluation=evaluations[-1] if evaluations else None,
        data={
            "noun": noun,
            "fileName": slugify(title),
            "latentDim": config.latent_dim,
            "classNames": names,
            "side": config.image_size,
            "grid": {"rows": _GRID_SIDE, "columns": num_columns},
            "vectors": [_round(slider.vector) for slider in sliders],
            "zLimit": HARD_MAX_ENTRY,
            "examples": _make_example_data(examples, has_classes=bool(names)),
            "first": _choose_first(examples),
        },
        packed=base64.b64encode(pack_generator(run.name, step, layers)).decode("ascii"),
        css=css,
        css_hash=_hash(css),
        js=Markup(js),
        js_hash=_hash(js),
    )


def _make_sampler(run: Run, state: Mapping[str, np.ndarray]) -> Sampler:
    """Make a sampler with the generator's weights of a checkpoint, which must be finite."""
    weights = select_generator_weights(state)
    if not all(np.isfinite(array).all() for array in weights):
        raise RunError(
            f"{run.name}, step {int(state['step']):,}: the generator's weights contain NaN or "
            "infinity; training diverged."
        )
    sampler = Sampler(run.config)
    set_checkpoint_weights(sampler.set_weights, run, weights)
    return sampler


def _make_example_data(
    examples: Sequence[_Example], *, has_classes: bool
) -> list[dict[str, object]]:
    return [
        {
            "name": example.name,
            "z": _round(example.z),
            "classId": example.class_id if has_classes else 0,
        }
        for example in examples
    ]


def _choose_first(examples: Sequence[_Example]) -> int:
    """Return the index of the example that the page shows first."""
    for index, example in enumerate(examples):
        if example.class_id == _FIRST_DIGIT:
            return index
    return 0


def _select_evaluations(run: Run, step: int) -> Sequence[EvaluationReport]:
    """Return the evaluations up to a step that measure the run itself, not its parent."""
    history = run.history
    return select_for_checkpoint(history.read_evaluations(), history.read_events(), step)


def _join_scripts() -> str:
    """Join the page's modules into one script; a page opened from a file cannot import modules."""
    joined = "\n".join(read_markup("dcgan.documents", f"frontend/{name}") for name in _SCRIPTS)
    without_imports = re.sub(r"^import [^;]*;\n", "", joined, flags=re.MULTILINE)
    return re.sub(r"^export (?=async|class|const|function|let)", "", without_imports, flags=re.M)


def _hash(text: str) -> str:
    """Return the hash by which a content security policy allows a script or a style sheet."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _round(vector: np.ndarray) -> list[float]:
    return [round(float(value), _DECIMALS) for value in vector]


def _describe_contents(config: TrainingConfig) -> str:
    named = NAMED_SETS.get(config.dataset)
    return "pictures" if named is None else named.contents


def _list_digits(config: TrainingConfig) -> tuple[int, ...]:
    """Return the digits that a run without classes has learned; () for any other run."""
    if config.num_classes or not has_digits(config.dataset):
        return ()
    return tuple(sorted(config.only_classes or range(10)))


def _make_sliders(sampler: Sampler, survey: Survey) -> tuple[list[_Slider], str]:
    """Make sliders for the named directions, or else for the first numbers of z.

    Returns:
        The sliders, and a sentence or two about all of them.
    """
    named = find_named_directions(sampler.generate, survey) if survey.is_diverse else []
    if named:
        sliders = [
            _Slider(direction.name, direction.explain(), direction.vector, SLIDER_LIMIT)
            for direction in named
        ]
        return sliders, (
            f"The sliders' directions were measured on {len(survey.z):,} pictures of this "
            "generator. 0 is the average."
        )
    latent_dim = sampler.config.latent_dim
    help_text = "One number of z. Nobody chose its effect on the picture; try it."
    sliders = [
        _Slider(f"z {index + 1}", help_text, make_axis_direction(index, latent_dim), MAX_ENTRY)
        for index in range(min(_NUM_AXIS_SLIDERS, latent_dim))
    ]
    return sliders, "Each slider moves one of the numbers of z, from which the picture is made."


def _find_examples(sampler: Sampler, survey: Survey) -> list[_Example]:
    """Return the digits that the page offers."""
    config = sampler.config
    if config.num_classes:
        names = config.class_names
        first = str(_FIRST_DIGIT)
        class_id = names.index(first) if first in names else 0
        if has_digits(config.dataset) and set(names) <= set(map(str, range(10))):
            return [_Example("a clear hand", _find_clearest_handwriting(sampler), class_id)]
        return [_Example("an example", survey.z[0], class_id)]
    clearest = {digit: survey.find_clearest(digit, 1) for digit in range(10)}
    examples = [
        _Example(f"a clear {digit}", survey.z[indices[0]], digit)
        for digit, indices in clearest.items()
        if len(indices)
    ]
    return examples or [_Example("an example", survey.z[0], 0)]


def _find_clearest_handwriting(sampler: Sampler) -> np.ndarray:
    """Return the z whose digits, one of each class, the digit classifier recognizes best."""
    z = sample_survey_latent(sampler.config.latent_dim)[:_NUM_HANDWRITINGS]
    digits = list(map(int, sampler.config.class_names))
    batch = np.repeat(z, len(digits), axis=0)
    pixels = sampler.generate(batch, np.tile(np.arange(len(digits)), len(z)))
    odds = compute_log_odds(load_digit_classifier().predict(pixels).logits)
    # The odds of each picture's own digit; a handwriting is as clear as its least clear digit.
    own_odds = odds.reshape(len(z), len(digits), -1)[:, range(len(digits)), digits]
    best: np.ndarray = z[own_odds.min(axis=1).argmax()]
    return best


def _list_facts(run: Run, step: int, seconds: float) -> list[tuple[str, str]]:
    """Return the rows of the table at the foot of the page: a name and a value each."""
    config = hide_dataset_path(run.config)
    started = datetime.fromisoformat(run.created)
    epoch = config.compute_epoch(step, run.dataset.num_images)
    classes = "Learned: you choose what it draws" if config.num_classes else "Not learned"
    return [
        ("Run", run.read_title()),
        ("Started", f"{started.day} {started:%B %Y}"),
        (
            "Data set",
            f"{format_setting(config, 'dataset')}, {run.dataset.num_images:,} pictures",
        ),
        ("Settings", describe_difference(config)),
        ("Classes", classes),
        ("Training", f"Step {step:,}, epoch {epoch:,}, {describe_seconds(seconds)}"),
        ("Made by", f"DCGAN Studio {__version__}"),
    ]
