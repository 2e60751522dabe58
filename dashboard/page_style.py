"""The style of all pages: what Streamlit's own settings cannot express, as CSS."""

import streamlit as st

_STYLE = """
<style>
/* On a dark page the black of a picture would have no edge. */
[data-picture], .pad .digit { outline: 1px solid __EDGE__; outline-offset: -1px; }
.quiz.dark:not(.checked) button:not([aria-pressed="true"]) img {
  outline-color: __EDGE__; outline-width: 1px;
}
/* Equal digit widths: numbers that change do not move their line. */
[data-testid="stMetricValue"], [data-testid="stCaptionContainer"], [data-testid="stMarkdown"] {
  font-variant-numeric: tabular-nums;
}
/* A contrast of 6.6; Streamlit's own 0.6 has 4.4, which is too little for small text. */
[data-testid="stCaptionContainer"] { opacity: 0.72; }
[data-testid="stCaptionContainer"] code { color: inherit; }
/* The accent colour is too dark for text in dark mode, as white text on it must be readable. */
[data-variant="segmented_control"], [data-testid="stTab"] { color: inherit !important; }
[data-testid="stSliderThumbValue"] { color: inherit !important; }
/* An empty circle to choose: Streamlit's own edge has a contrast of 1.4 in dark mode. */
[data-testid="stRadioOption"]:not(:has(:checked)) > div > div:first-child {
  border-color: #8a8a99 !important;
}
/* A number changes as soon as its field is left, a form has a button, and these words would cover
   what is typed. */
[data-testid="stNumberInput"] [data-testid="InputInstructions"],
[data-testid="stForm"] [data-testid="stTextInput"] [data-testid="InputInstructions"] {
  display: none;
}
/* Charts follow a change of the colour scheme while the page is open. */
.chart text:not(.hoverlayer *) { fill: var(--st-text-color) !important; }
/* Targets for fingers and unsteady hands have at least 24 pixels; margins keep their places. */
button[aria-label^="Help"], [data-testid="stMultiSelectTagsContainer"] button {
  min-width: 24px; min-height: 24px; margin: -4px; padding: 4px; box-sizing: border-box;
}
[data-testid="stTab"], [data-testid="stTabs"] button { min-width: 24px; }
.chart .modebar-btn, [data-testid="stNumberInputClearButton"], [data-rac] > button {
  min-height: 24px;
}
/* On a narrow screen the pages would be hidden in a sidebar: it becomes a bar with their names. */
@media (max-width: 767.98px) {
  [data-testid="stExpandSidebarButton"], [data-testid="stSidebarHeader"],
  [data-testid="stSidebarUserContent"], [data-testid="stSidebarContent"] + div { display: none; }
  [data-testid="stSidebar"] {
    position: fixed !important; inset: 0 0 auto !important; transform: none !important;
    width: 100% !important; max-width: none !important; height: 3.5rem !important;
    background: __BACKGROUND__; z-index: 999992; box-shadow: none !important;
  }
  /* A tap on a link opens the sidebar for Streamlit, which then takes away the page's padding, and
     the next tap closes it: the page would move below the finger, and the tap be lost. */
  [data-testid="stAppViewContainer"]:has([data-testid="stSidebar"])
    [data-testid="stMainBlockContainer"] { padding-top: 84px; }
  [data-testid="stSidebarContent"] { overflow: visible; }
  [data-testid="stSidebarNavItems"] {
    display: flex; justify-content: space-around; max-width: 26rem; margin: auto; padding: 0.2rem;
  }
  [data-testid="stSidebarNavLink"] {
    flex-direction: column; justify-content: center; gap: 0; width: auto; height: 3rem;
    margin: 0; padding: 0.2rem 0.5rem; font-size: 0.8rem; line-height: 1.3;
  }
}
/* Do not fade elements while a fragment reruns, which happens every second. */
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* Except results of another generator, which must not be taken for those of this one. */
.st-key-tool [data-stale="true"], .st-key-copies [data-stale="true"] {
  opacity: 0.25 !important; transition: opacity 0.2s 0.6s !important; pointer-events: none;
}
/* An animated progress bar would take time from the cores that train. */
[data-testid="stProgress"] * { transition: none !important; }
/* Progress while nothing is known of it. */
.moving-bar {
  height: 8px; margin: 4px 0; border-radius: 4px; overflow: hidden;
  background: rgb(128 128 128 / 15%);
}
.st-key-preparation { min-height: 40px; }
.moving-bar::after {
  content: ""; display: block; height: 100%; width: 25%; border-radius: 4px;
  background: var(--st-primary-color, #5b49d8); animation: move-bar 2s steps(16) infinite;
}
@keyframes move-bar { from { transform: translateX(-100%); } to { transform: translateX(400%); } }
@media (prefers-reduced-motion: reduce) { .moving-bar::after { animation: none; width: 100%; } }
/* The place of the welcome takes no room while a run is shown. */
div:has(> .st-key-above-run > :only-child > [data-testid="stEmpty"]),
.st-key-above-run > div:has(> [data-testid="stEmpty"]) { display: none; }
/* A run's parts: in a wide window the digits with all that belongs to them are left of the charts.
   The downloads are not in the fragment that follows the run, but belong below its digits, so the
   fragment's own block has no box. */
.st-key-run-page:has(.st-key-run-head) {
  display: grid; grid-template-columns: minmax(0, 1fr); column-gap: 1.5rem;
}
.st-key-run-page > div:has(> div > div > .st-key-run-head),
.st-key-run-page > div > div:has(> div > .st-key-run-head) { display: contents; }
/* In a narrow window the digits come before the verdict with its many buttons, and the downloads
   after the charts. */
div:has(> .st-key-run-head) { grid-row: 1; }
div:has(> .st-key-run-form) { grid-row: 2; }
div:has(> .st-key-run-grid) { grid-row: 3; }
div:has(> .st-key-run-verdict) { grid-row: 4; }
div:has(> .st-key-run-size) { grid-row: 5; }
div:has(> .st-key-run-play) { grid-row: 6; }
div:has(> .st-key-run-answers) { grid-row: 7; }
div:has(> .st-key-run-charts) { grid-row: 8; }
div:has(> .st-key-run-more) { grid-row: 9; }
div:has(> .st-key-run-downloads) { grid-row: 10; }
div:has(> .st-key-run-queue) { grid-row: 11; }
div:has(> .st-key-run-extras) { grid-row: 12; }
/* Except the results of tried remedies, for which a person has waited. */
@media (max-width: 899.98px) {
  .st-key-run-page:has(.st-key-remedies) div:has(> .st-key-run-verdict) { grid-row: 3; }
  .st-key-run-page:has(.st-key-remedies) div:has(> .st-key-run-grid) { grid-row: 4; }
  .st-key-run-page:not(:has(.st-key-run-form button)) > div:has(> .st-key-run-form) {
    display: none; /* While a run trains it has nothing, and would take the gap of a row. */
  }
  /* The button of a new run and its settings share a row, as long as these are closed. */
  .st-key-run-form > div > [data-testid="stHorizontalBlock"] {
    display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 8px;
  }
  .st-key-run-form > div > div > :first-child,
  .st-key-run-form > div > div > :first-child > [data-testid="stVerticalBlock"] {
    display: contents;
  }
  .st-key-run-form > div > div > :first-child > div > :nth-child(n + 3) { grid-column: 1 / -1; }
  .st-key-run-form > div > div > :last-child {
    grid-area: 1 / 2; width: auto !important; min-width: 0 !important;
  }
  .st-key-run-form:has(details[open], .st-key-back-to-preset) > div > div > :last-child {
    grid-area: auto / 1 / auto / -1;
  }
}
/* Streamlit's own colour is lighter than a dark page. */
.stDialog { background: light-dark(rgb(19 19 25 / 40%), rgb(0 0 0 / 70%)) !important; }
.st-key-run-size > .st-key-welcome-write { order: 1; }
.st-key-run-size > :has([data-testid="stCaptionContainer"]) { order: 2; }
.st-key-run-page { --form-rows: 0; --open-rows: 0; }
@media (min-width: 900px) {
  .st-key-run-page:has(.st-key-run-form button) { --form-rows: 1; }
  .st-key-run-page:has(.st-key-run-head) {
    --above: calc(var(--form-rows) + var(--open-rows));
    grid-template-columns: minmax(0, 2fr) minmax(0, 1fr);
    grid-template-rows: repeat(calc(7 + var(--above)), auto) 1fr;
  }
  div:has(> :is(.st-key-run-form, .st-key-run-head, .st-key-run-verdict, .st-key-run-more,
    .st-key-run-queue, .st-key-run-extras)) { grid-column: 1 / -1; }
  div:has(> .st-key-run-form) { grid-row: 1; }
  div:has(> .st-key-run-head) { grid-row: calc(1 + var(--form-rows)); }
  div:has(> .st-key-run-verdict) { grid-row: calc(2 + var(--above)); }
  div:has(> .st-key-run-grid) { grid-row: calc(3 + var(--above)); }
  div:has(> .st-key-run-size) { grid-row: calc(4 + var(--above)); }
  div:has(> .st-key-run-play) { grid-area: calc(5 + var(--above)) / 1; }
  div:has(> .st-key-run-downloads) { grid-row: calc(6 + var(--above)); }
  div:has(> .st-key-run-answers) { grid-row: calc(7 + var(--above)); }
  div:has(> .st-key-run-charts) { grid-row: calc(3 + var(--above)) / span 6; grid-column: 2; }
  div:has(> .st-key-run-more) { grid-row: calc(9 + var(--above)); }
  div:has(> .st-key-run-queue) { grid-row: calc(10 + var(--above)); }
  div:has(> .st-key-run-extras) { grid-row: calc(11 + var(--above)); }
}
/* In a wide window the form lies beside the numbers of an ended run, so that the digits stay where
   they were while it trained. Its settings open below the numbers, as wide as the page; the buttons
   stay where they are. 558 pixels are the numbers, 340 the buttons and 16 the gap. */
@media (min-width: 1280px) {
  .st-key-run-page:has(.st-key-run-form button) { --form-rows: 0; }
  .st-key-run-page:has(__OPEN_FORM__) { --open-rows: 1; }
  div:has(> .st-key-run-form) {
    margin: 72px 0 -8px 558px; width: calc(100% - 558px) !important; z-index: 1; align-self: start;
  }
  .st-key-run-page:has(__OPEN_FORM__) div:has(> .st-key-run-form) {
    grid-row: 1 / span 2; margin-bottom: 0;
  }
  .st-key-run-form > div > [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
  .st-key-run-form > div > div > [data-testid="stColumn"]:first-child {
    flex: 0 0 340px; border-left: 1px solid rgb(128 128 128 / 30%); padding-left: 16px;
  }
  .st-key-run-form > div > div > [data-testid="stColumn"]:last-child { flex: 1 1 0; }
  .st-key-run-form > div > div > :first-child [data-testid="stVerticalBlock"] { gap: 4px; }
  __FORM_DETAILS__[open] { border-color: transparent; }
  __FORM_DETAILS__[open] > summary {
    border: 1px solid rgb(128 128 128 / 30%); border-radius: 8px;
    margin: -1px; width: calc(100% + 2px);
  }
  __FORM_DETAILS__[open] > [data-testid="stExpanderDetails"] {
    margin: 60px 0 0 -914px; width: calc(100% + 914px); box-sizing: border-box;
    border: 1px solid rgb(128 128 128 / 30%); border-radius: 8px; padding-top: 1rem;
  }
}
/* The column of the digits is as wide as eight of them at three or four times their size. */
@media (min-width: 1200px) {
  .st-key-run-page:has(.st-key-run-head) { grid-template-columns: 716px minmax(0, 1fr); }
  /* All buttons of the digits fit in one row. */
  div:has(> .st-key-run-downloads) {
    grid-area: calc(5 + var(--above)) / 1; justify-self: end; width: max-content !important;
  }
  div:has(> .st-key-run-answers) { grid-row: calc(6 + var(--above)); }
  /* Two charts of its size fit there, and the column of the charts is the longer one. */
  div:has(> .st-key-run-more) { grid-row: calc(7 + var(--above)); grid-column: 1; }
  div:has(> .st-key-run-extras) { grid-row: calc(8 + var(--above)); grid-column: 1; }
  div:has(> .st-key-run-queue) { grid-row: calc(9 + var(--above)); }
  .st-key-answers-strip { min-height: 301px; } /* Its place while it loads. */
}
@media (min-width: 1680px) {
  .st-key-run-page:has(.st-key-run-head) { grid-template-columns: 954px minmax(0, 1fr); }
  .st-key-answers-strip { min-height: 144px; }
}
/* As many cards of tried remedies in a row as fit: 196 pixels are their picture and its edges. Six
   would leave one alone in a second row of a window of 1,280 pixels, so they stand in threes. */
[class*="st-key-remedy-cards"] {
  display: grid !important; gap: 8px; align-items: stretch;
  grid-template-columns: repeat(auto-fill, minmax(min(var(--card, 196px), 100%), 1fr));
}
.st-key-remedy-cards-in-threes { --card: 300px; }
[class*="st-key-remedy-cards"] > * {
  width: auto !important; height: auto !important; min-width: 0;
}
[class*="st-key-remedy-cards"] > * > * { height: 100%; padding: 8px; }
/* A long outlook wraps beside the verdict instead of moving below it. */
.st-key-verdict [data-testid="stHorizontalBlock"] > div:has([data-testid="stCaptionContainer"]) {
  flex: 1 1 22rem !important; max-width: max-content !important; min-width: 0 !important;
}
/* Remedies that can be tested have a row of their own, whatever the length of the verdict. */
.st-key-verdict div:has(> .st-key-verdict-actions .st-key-try-remedies) {
  flex-basis: 100% !important; max-width: none !important;
}
/* A suggested change can be longer than a phone is wide. */
.st-key-verdict button, .st-key-verdict button * { white-space: normal !important; }
/* The place of the welcome's picture while it loads: as high as it is at least. */
.st-key-welcome-picture { min-height: 118px; }
@media (min-width: 1040px) { .st-key-welcome-picture { min-height: 236px; } }
@media (min-width: 1440px) { .st-key-welcome-picture { min-height: 354px; } }
/* The links to the parts of Learn: beside each other, and high enough for a finger. */
:is(h2, h3)[id] { scroll-margin-top: 5rem !important; }
.st-key-learn-parts p { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.st-key-learn-parts br { display: none; }
.st-key-learn-parts a { display: inline-flex; align-items: center; min-height: 44px; }
/* The allowed types of an upload wrap; cut, they would hide some. */
[data-testid="stFileUploaderDropzoneInstructions"] * { white-space: normal; overflow: visible; }
/* As high as the status beside it, so that the names of all cards are level, with the button or
   without it. */
[class*="st-key-rename-"] button { min-height: 24px; padding-block: 0; }
/* Targets for a finger have 44 pixels, and where there is no mouse there are hardly keys. */
@media (hover: none), (max-width: 767.98px) {
  [data-testid="stRadio"] [role="radiogroup"] { gap: 0; }
  [data-testid="stRadio"] [role="radiogroup"] label { min-height: 44px; align-items: center; }
  [data-variant="segmented_control"] { min-width: 44px; min-height: 44px; }
}
@media (hover: none) { .keyboard-hint, [class*="st-key-keyboard-hint"] { display: none; } }
/* Without a mouse the chart's toolbar would always cover its legend. */
@media (hover: none), (max-width: 640px) { .modebar-container { display: none; } }
/* At the top it would cover a run's buttons, and stay while the pointer is there. */
[data-testid="stToastContainer"] { top: auto !important; bottom: 1rem !important; }
/* On a narrow screen two runs are in sight: the name stands beside the picture, facts below it. */
@media (max-width: 640px) {
  [class*="st-key-summary-"] {
    display: grid; grid-template-columns: 118px minmax(0, 1fr); gap: 6px 12px;
  }
  [class*="st-key-summary-"] > :first-child { grid-row: 1 / span 3; }
  [class*="st-key-summary-"] > :last-child, [class*="st-key-summary-"] > :last-child > * {
    display: contents;
  }
  [class*="st-key-summary-"] > :last-child > * > :is(:nth-child(n + 4), :has(form)) {
    grid-column: 1 / -1;
  }
}
/* The name of the run on the Train page is its heading, as large as the text beside it. One line,
   so that a long one, as trials have, does not move the buttons. */
.st-key-status h1 {
  font-size: 1rem; font-weight: 400; line-height: 1.6; padding: 0; margin: 0;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.st-key-run-name { flex-wrap: nowrap !important; min-width: 0; }
.st-key-run-name > :last-child { flex: 1 1 0 !important; min-width: 0 !important; }
.st-key-run-title { flex-wrap: nowrap !important; }
.st-key-run-title > :last-child { flex: none !important; width: auto !important; }
.st-key-run-title > :first-child { flex: 1 1 0 !important; min-width: 0 !important; }
@media (max-width: 767.98px) {
  .st-key-run-title { flex-wrap: wrap !important; }
  .st-key-run-title > :is(:first-child, :last-child) { flex: 1 1 100% !important; }
}
/* The toolbar of a chart, which the pointer shows, would cover its legend at the top. */
.chart .modebar-container { top: auto !important; bottom: 0; height: 24px; }
.chart .modebar-group { background: none !important; }
.chart .modebar-btn path { fill: var(--st-text-color) !important; }
/* A menu scrolls by itself in the room above or below its button. On a narrow screen that would be
   little: there it lies on the lower edge of the window, below the links of the pages. */
@media (max-width: 640px) {
  [data-testid="stPopoverBody"] {
    position: fixed !important; inset: auto 8px 8px !important; transform: none !important;
    max-width: none !important; max-height: calc(100dvh - 5rem) !important;
  }
}
[data-testid="stPopoverBody"] hr { margin: 0.25rem 0 !important; }
/* While a long form is read, its buttons are beside the links of the pages, or at the lower edge of
   a narrow window; their place stays free. */
div:has(> .st-key-start-buttons) { min-height: 40px; }
.st-key-start-buttons[data-pinned] {
  position: fixed; top: 10px; right: 5rem; width: max-content !important; z-index: 999991;
}
/* Within the form's own level they would be behind the bar of the pages. */
div:has(> .st-key-run-form):has([data-pinned]) { z-index: auto !important; }
@media (max-width: 899.98px) {
  .st-key-start-buttons[data-pinned] {
    inset: auto 0 0; width: auto !important; padding: 8px 1rem; background: __BACKGROUND__;
    box-shadow: 0 0 12px rgb(0 0 0 / 25%);
  }
  [data-testid="stMain"]:has([data-pinned]) { scroll-padding-bottom: 4.5rem; }
}
/* Invisible components take no room. */
.st-key-address, .st-key-connection, .st-key-focus, .st-key-start-pin, .st-key-weights,
[class*="st-key-news"] {
  position: absolute; height: 0; overflow: hidden;
}
/* While the server does not answer, above the links of the pages, which lead nowhere then. */
.connection-notice {
  position: fixed; inset: 0 0 auto; z-index: 9999999; padding: 0.75rem 1rem; text-align: center;
  background: #ffe3a3; color: #33260a; font: 600 1rem/1.4 "Source Sans", sans-serif;
}
/* On a narrow screen two numbers of a run fit side by side. */
@media (max-width: 640px) {
  .st-key-numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .st-key-numbers > div { width: auto !important; }
  .st-key-numbers [data-testid="stMetricValue"] { font-size: 1.4rem; }
}
</style>
"""


# The form of a new run beside an ended one needs a row more if it is open or shows an error.
_FORM_DETAILS = (
    ".st-key-run-form .st-key-settings-form > div > [data-testid='stExpander'] > details"
)
_OPEN_FORM = f":is({_FORM_DETAILS}[open], .st-key-run-form [data-testid='stAlert'])"


def apply_style() -> None:
    """Add the style to the page; once per script run."""
    style = _STYLE.replace("__OPEN_FORM__", _OPEN_FORM).replace("__FORM_DETAILS__", _FORM_DETAILS)
    light, dark = (st.get_option(f"theme.{scheme}.backgroundColor") for scheme in ("light", "dark"))
    style = style.replace("__BACKGROUND__", f"light-dark({light}, {dark})")
    st.html(style.replace("__EDGE__", "light-dark(transparent, rgb(138 138 153 / 60%))"))
