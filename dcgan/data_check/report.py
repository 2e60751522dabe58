"""The findings of the check as text, for the command line, and as plain values, for scripts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcgan.config.train_command import make_train_command
from dcgan.data_check.advice import advise
from dcgan.data_check.check import DataCheck

_MAX_LISTED = 20  # Files left out, groups of near-duplicates, and outliers in a text.
_MAX_OF_GROUP = 5  # Near-duplicates of one picture.


def describe(check: DataCheck) -> list[str]:
    """Return the findings and the advice of the check, as lines of text."""
    dataset, advice = check.dataset, advise(check)
    lines = [f"{dataset.name}: {len(dataset):,} pictures."]
    if dataset.left_out:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in dataset.left_out.items())
        lines.append(f"Left out: {reasons}.")
        lines += [f"  {example}" for example in dataset.examples[:_MAX_LISTED]]
    lines.append(f"Sizes: {_describe_sizes(check)}.")
    if classes := _list_classes(check):
        lines.append(
            "Pictures of each class: "
            + ", ".join(f"{name} {count:,}" for name, count in classes)
            + "."
        )
    codes = check.codes
    groups = check.list_near_duplicates()
    if groups:
        num_copies = sum(len(group) - 1 for group in groups)
        are = "picture is" if num_copies == 1 else "pictures are"
        lines.append(f"Near-duplicates: {num_copies:,} {are} nearly the same as another.")
    lines += [f"  {_list_names(dataset.names, group)}" for group in groups[:_MAX_LISTED]]
    if check.outliers:
        look = "picture that looks" if len(check.outliers) == 1 else "pictures that look"
        lines.append(f"Outliers: {len(check.outliers):,} {look} unlike the others.")
        lines += [
            f"  {codes[outlier.index]}  {dataset.names[outlier.index]} ({outlier.reason})"
            for outlier in check.outliers[:_MAX_LISTED]
        ]
    lines += [f"{choice}: {line}" for choice, line in advice.lines.items()]
    if advice.start_from:
        lines.append(f"To train from the included run: {make_command(check, advice.start_from)}")
    lines.append(f"To train: {make_command(check)}")
    return lines


def make_command(check: DataCheck, start_from: str = "") -> str:
    """Return the command that trains with the advised settings, from a run if one is given."""
    settings = {**advise(check).settings, "start_from": start_from}
    return make_train_command(check.config.replace(**settings))


def convert_to_json(check: DataCheck) -> dict[str, object]:
    """Return the findings and the advice of the check as values that JSON can hold."""
    dataset, advice = check.dataset, advise(check)
    codes = check.codes
    return {
        "path": check.path,
        "name": dataset.name,
        "count": len(dataset),
        "note": dataset.summary,
        "image_size": check.config.image_size,
        "color": check.config.color,
        "sizes": [
            {"width": width, "height": height, "count": count}
            for (width, height), count in check.stored.sizes.items()
        ],
        "classes": [{"name": name, "count": count} for name, count in _list_classes(check)],
        "left_out": dict(dataset.left_out),
        "left_out_files": list(dataset.examples),
        "near_duplicates": [
            [{"name": dataset.names[index], "code": codes[index]} for index in group]
            for group in check.list_near_duplicates()
        ],
        "outliers": [
            {
                "name": dataset.names[outlier.index],
                "code": codes[outlier.index],
                "deviations": round(outlier.deviations, 2),
                "reason": outlier.reason,
            }
            for outlier in check.outliers
        ],
        "light_borders": check.stored.num_light,
        "inverted": check.stored.is_inverted,
        "colored": {"looked_at": check.num_sampled, "with_colors": check.num_colored},
        "advice": dict(advice.lines),
        "settings": dict(advice.settings),
        "start_from": advice.start_from,
        "command": make_command(check),
    }


def _list_classes(check: DataCheck) -> list[tuple[str, int]]:
    dataset = check.dataset
    if dataset.labels is None:
        return []
    counts = np.bincount(dataset.labels, minlength=len(dataset.class_names)).tolist()
    return list(zip(dataset.class_names, counts, strict=True))


def _list_names(names: Sequence[str], group: Sequence[int]) -> str:
    more = [f"{len(group) - _MAX_OF_GROUP:,} others"] if len(group) > _MAX_OF_GROUP else []
    return " = ".join([*(names[index] for index in group[:_MAX_OF_GROUP]), *more])


def _describe_sizes(check: DataCheck) -> str:
    sizes = list(check.stored.sizes.items())
    shown = ", ".join(f"{width} × {height} ({count:,})" for (width, height), count in sizes[:5])
    return f"{shown}{f' and {len(sizes) - 5:,} others' if len(sizes) > 5 else ''}"
