"""The digit that a tab shows first: a clear 3, which leans and thickens well."""

from __future__ import annotations

from dashboard.shared import selection
from dashboard.state import findings_cache
from dashboard.state.generator_source import GeneratorSource

_DIGIT = 3


def choose_first_digit(source: GeneratorSource) -> None:
    """Select the clearest 3 of a generator, unless a z is selected or there is no 3."""
    findings = findings_cache.get_findings(source)
    if findings is None or selection.is_chosen(source.latent_dim):
        return
    clearest = findings.survey.find_clearest(_DIGIT, 1)
    if len(clearest):
        selection.select_z(findings.survey.z[clearest[0]], f"the sorted digits, a {_DIGIT}")
