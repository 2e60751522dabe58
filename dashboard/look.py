"""The few marks of the look that Streamlit's theme has no word for.

Everything else is in `.streamlit/config.toml`.
"""

from __future__ import annotations

import streamlit as st

_STYLE = """
<style>
/* Figures that change must not make their line dance. */
[data-testid="stMetricValue"], [data-testid="stCaptionContainer"], [data-testid="stMarkdown"] {
  font-variant-numeric: tabular-nums;
}
/* A poll every second would otherwise fade what is on screen each time. */
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* But what another generator has drawn is no answer for the one that is being looked into. */
.st-key-tool [data-stale="true"], .st-key-copies [data-stale="true"] {
  opacity: 0.25 !important; transition: opacity 0.2s 0.6s !important; pointer-events: none;
}
/* Gliding to each new value would be redrawn sixty times a second, on the cores that train. */
[data-testid="stProgress"] * { transition: none !important; }
/* At the top it would lie over a run's buttons, and stay while the pointer rests there. */
[data-testid="stToastContainer"] { top: auto !important; bottom: 1rem !important; }
/* Components that show nothing take no room. */
.st-key-address, .st-key-weights, [class*="st-key-news"] {
  position: absolute; height: 0; overflow: hidden;
}
/* On a narrow screen the sliders come below the digits that they move, which stay in sight. */
@media (max-width: 640px) {
  [data-testid="stColumn"]:has(.st-key-latent-grid) {
    position: sticky; top: 3rem; z-index: 5; background: __BACKGROUND__;
  }
}
</style>
"""


def apply() -> None:
    """Put the style into the page; once a script run."""
    background = st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor")
    st.html(_STYLE.replace("__BACKGROUND__", str(background)))
