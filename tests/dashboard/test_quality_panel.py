"""How real the digits are, in words and as a table."""

from __future__ import annotations

from dashboard import quality_panel
from dcgan.figures import FIGURES
from dcgan.reports import EvaluationReport


def test_the_table_has_each_figure_its_floor_and_how_to_read_it() -> None:
    figures = {"frechet_distance": 1.234, "precision": 0.81, "nearest_distance": 0.1}
    report = EvaluationReport(9, 1, 5.0, 1000, figures, {"frechet_distance": 0.07, "precision": 1})
    _, _, *rows = quality_panel.table(report).splitlines()
    assert rows == [
        f"| Fréchet distance | 1.23 | 0.07 | {FIGURES['frechet_distance'].help_text} |",
        f"| Precision | 81.0% | 100.0% | {FIGURES['precision'].help_text} |",
        f"| Distance to training images | 0.100 | – | {FIGURES['nearest_distance'].help_text} |",
    ]


def test_no_help_text_breaks_the_table() -> None:
    assert not any(set("|\n") & set(figure.help_text) for figure in FIGURES.values())
