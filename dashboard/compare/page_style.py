"""The style of the Compare page."""

import streamlit as st

_STYLE = """
<style>
/* The names above the grids may be long words. */
.st-key-pair [data-testid="stColumn"] [data-testid="stMarkdown"] { overflow-wrap: anywhere; }
/* Names of runs on a phone: whole, and those of the tables' rows above their values. */
@media (max-width: 640px) {
  :is(.st-key-compare-table, .st-key-compare-settings) tr {
    display: grid; grid-template-columns: repeat(var(--runs), minmax(0, 1fr));
  }
  :is(.st-key-compare-table, .st-key-compare-settings) :is(th, td) {
    width: auto !important; min-width: 0; overflow-wrap: anywhere;
  }
  :is(.st-key-compare-table, .st-key-compare-settings) td:first-child {
    grid-column: 1 / -1; border: 0; padding-bottom: 0; opacity: 0.72;
  }
  :is(.st-key-compare-table, .st-key-compare-settings) th:first-child { display: none; }
  .st-key-compare_runs [data-tag], .st-key-compare_runs [data-tag] > span {
    height: auto; white-space: normal; overflow-wrap: anywhere;
  }
}
/* As high as the select box beside it, so that their labels are at the same height. */
.st-key-compare_axis [data-variant="segmented_control"] { min-height: 2.5rem; }
</style>
"""


def apply_style() -> None:
    """Add the style to the page; once per script run."""
    st.html(_STYLE)
