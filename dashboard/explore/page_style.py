"""The layout of Explore: the grid stays in sight beside the tools, or above them on a phone."""

from __future__ import annotations

import streamlit as st

# The widths of the grid's column, 444, 592 and 740 px, fit 5 digits and their gaps, enlarged by 3,
# 4 and 5. On a phone the grid and its caption lie side by side, so that both can stay in sight.
_STYLE = """
<style>
.st-key-explore-head h1 { font-size: 2rem; padding: 0 0 4px; }
.st-key-explore-head { display: grid; gap: 12px 24px; align-items: start; }
.st-key-explore-source { flex-wrap: nowrap; }
.st-key-explore-source > div { flex: 2 1 0 !important; min-width: 0; }
.st-key-explore-source > div:first-child { flex-grow: 3 !important; }
.st-key-explore-source input { text-overflow: ellipsis; }
/* The button stays beside a text that wraps. */
.st-key-explore-older { flex-wrap: nowrap; }
.st-key-explore-older > div:first-child { flex: 0 1 auto !important; min-width: 0; }
.st-key-explore-older > div:last-child { flex: none; }
.st-key-explore-actions { gap: 0; }
/* Keep sliders usable during a slow rerun; Streamlit dims the old results of other tools. */
.st-key-tool .st-key-latent-sliders [data-stale="true"] {
  opacity: 1 !important; pointer-events: auto !important;
}
/* Beside the choice of the sliders there is how they are found. Both lines have a place. */
.st-key-slider-choice { display: grid; gap: 4px 16px; align-items: center; min-height: 56px; }
.st-key-slider-choice > div { width: auto !important; }
.st-key-slider-choice [data-testid="stCaptionContainer"] { margin: 0; }
.st-key-slider-choice [data-testid="stCaptionContainer"] p { margin: 0; line-height: 1.35; }
@media (min-width: 900px) { .st-key-slider-choice { grid-template-columns: 180px 1fr; } }
@media (max-width: 899px) { .st-key-slider-choice { min-height: 104px; align-content: start; } }
/* The label of the class is beside its choice. */
.st-key-explore-class [data-testid="stElementContainer"] > div {
  display: flex; align-items: center; gap: 4px 12px;
}
.st-key-explore-class [data-testid="stWidgetLabel"] { margin: 0; min-height: 0; flex: none; }
/* The text that is written chooses the classes itself. */
.st-key-explore:has(.st-key-write-number) > :has(> .st-key-explore-class) { display: none; }
@media (max-width: 899px) {
  .st-key-explore-head h1 { font-size: 1.6rem; }
  .st-key-explore-actions > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] {
    gap: 6px;
  }
  .st-key-explore-actions [data-testid="stHorizontalBlock"] > * {
    flex: none !important; width: auto !important; min-width: 0 !important;
  }
  .st-key-tool > * > [role="tablist"] { row-gap: 0; }
  .st-key-tool > * > [data-testid="stTabPanel"] { padding-top: 0; }
}
/* The spinner of a survey takes no room, so nothing moves when it disappears. */
/* Out of the flow: the gap before it would come and go with each rerun of the page. */
div:has(> .st-key-explore-wait) { position: absolute; }
.st-key-explore {
  display: grid; gap: 12px 24px; align-items: start;
  grid-template: "tabs" "stage" "actions" "class" "tools" "files" "walk" / minmax(0, 1fr);
}
/* Take invisible components and empty placeholders out of the grid. */
:is(.st-key-explore, .st-key-explore-tools) > [data-testid="stElementContainer"] {
  position: absolute;
}
/* Ignore the boxes around fragments and tabs, so that their contents become cells of the grid. */
[data-testid="stLayoutWrapper"]:has(
  > [data-testid="stVerticalBlock"] > [data-testid="stLayoutWrapper"] > .st-key-explore-actions,
  > [data-testid="stVerticalBlock"] > [data-testid="stLayoutWrapper"] > .st-key-explore-stage,
  > .st-key-explore-tools
), [data-testid="stVerticalBlock"]:has(
  > [data-testid="stLayoutWrapper"] > .st-key-explore-actions,
  > [data-testid="stLayoutWrapper"] > .st-key-explore-stage
), .st-key-explore-tools, .st-key-tool, .st-key-tool > :has(> [role="tablist"]) {
  display: contents;
}
.st-key-tool > * > [role="tablist"] { grid-area: tabs; flex-wrap: wrap; height: auto; }
.st-key-tool [role="tab"] { flex: none; white-space: nowrap; }
.st-key-tool > * > [data-testid="stTabPanel"] { grid-area: tools; min-width: 0; }
[data-testid="stLayoutWrapper"]:has(> .st-key-explore-stage) {
  grid-area: stage; position: sticky; top: 3.75rem; z-index: 5; background: __BACKGROUND__;
}
[data-testid="stLayoutWrapper"]:has(> .st-key-explore-actions) { grid-area: actions; }
[data-testid="stLayoutWrapper"]:has(> .st-key-explore-class) { grid-area: class; }
[data-testid="stLayoutWrapper"]:has(> .st-key-explore-files) { grid-area: files; }
[data-testid="stLayoutWrapper"]:has(> .st-key-explore-walk) { grid-area: walk; }
.st-key-explore-stage > * > [data-testid="stVerticalBlock"]:has(> * > .st-key-latent-grid) {
  gap: 4px;
}
@media (min-width: 900px) {
  .st-key-explore, .st-key-explore-head { --grid: 444px; --caption: 5rem; }
  .st-key-explore-head { grid-template-columns: var(--grid) minmax(0, 1fr); }
  .st-key-explore {
    grid-template: "tabs tabs" auto "stage actions" auto "stage class" auto "stage tools" auto
      "stage walk" 1fr / var(--grid) minmax(0, 1fr);
  }
  /* Below the grid, and in sight with it: they are not in the fragment that draws it. */
  [data-testid="stLayoutWrapper"]:has(> .st-key-explore-files) {
    grid-area: stage; margin-top: calc(var(--grid) + var(--caption)); position: sticky;
    top: calc(3.75rem + var(--grid) + var(--caption)); z-index: 6;
  }
  .st-key-explore-files [data-testid="stHorizontalBlock"] { gap: 8px; }  /* In one row. */
}
/* The larger grids only where the window also has room for the caption below them. */
@media (min-width: 1200px) {
  .st-key-explore { --caption: 3.6rem; }
  .st-key-explore-head { --grid: 592px; }
}
@media (min-width: 1200px) and (min-height: 890px) {
  .st-key-explore { --grid: 592px; }
}
@media (min-width: 1680px) and (min-height: 1040px) {
  .st-key-explore, .st-key-explore-head { --grid: 740px; }
}
@media (max-width: 899px) {
  .st-key-explore-stage { padding-bottom: 8px; }
  .st-key-explore-stage > * > [data-testid="stVerticalBlock"]:has(> * > .st-key-latent-grid) {
    display: grid; grid-template-columns: min(63%, 296px) minmax(0, 1fr); gap: 12px;
  }
  /* The grid of a tool that shows its own picture is below it. */
  .st-key-explore:has(.st-key-tool-without-grid) {
    grid-template-areas: "tabs" "class" "tools" "actions" "stage" "files" "walk";
  }
  .st-key-explore:has(.st-key-tool-without-grid)
    > * [data-testid="stLayoutWrapper"]:has(> .st-key-explore-stage) { position: static; }
  /* An element with the keyboard's focus must not be hidden behind the grid. */
  .st-key-explore :is(button, input, [tabindex]) { scroll-margin-top: 19rem; }
  .st-key-explore:has(.st-key-tool-without-grid) :is(button, input, [tabindex]),
  .st-key-explore-walk :is(button, input, [tabindex]) { scroll-margin-top: 5rem; }
  /* The answer appears beside the drawing. */
  .st-key-own-digit [data-testid="stHorizontalBlock"] {
    display: grid; grid-template-columns: minmax(0, 224px) minmax(0, 1fr); gap: 12px;
  }
  .st-key-own-digit [data-testid="stColumn"] { width: auto !important; min-width: 0 !important; }
  /* The walk has its own pictures: it scrolls over the grid, and is as high as to cover it all. */
  [data-testid="stLayoutWrapper"]:has(> .st-key-explore-walk) {
    position: relative; z-index: 6; background: __BACKGROUND__; min-height: calc(100dvh - 13rem);
  }
}
/* All classes fit beside their label. */
@media (max-width: 1199px) {
  .st-key-explore-class [data-variant="segmented_control"] {
    min-width: 31px; padding-inline: 4px; width: auto;
  }
}
@media (max-width: 640px) {
  .st-key-explore-class [data-variant="segmented_control"] { height: 44px; }
}
</style>
"""


def apply_style() -> None:
    """Add the style to the page; once per script run."""
    light, dark = (st.get_option(f"theme.{it}.backgroundColor") for it in ("light", "dark"))
    st.html(_STYLE.replace("__BACKGROUND__", f"light-dark({light}, {dark})"))
