/** What every page does: it completes Streamlit's widgets, and moves the focus on request. */

import { moveFocus } from "./focus.js";
import { nameHelpButtons } from "./help_names.js";
import { keepHelpTapsFromSwitches } from "./help_taps.js";
import { completeNumberFields } from "./number_fields.js";
import { showToolPanels } from "./tool_panels.js";

/** @import { FocusRequest } from "./focus.js" */
/** @import { Component } from "../types.js" */

let isWatching = false;

/** Complete the widgets that Streamlit renders, now and later; a second call does nothing. */
function completeWidgets() {
  if (isWatching) return;
  isWatching = true;
  keepHelpTapsFromSwitches();
  showToolPanels();
  let isPlanned = false;
  const complete = () => {
    isPlanned = false;
    nameHelpButtons();
    completeNumberFields();
  };
  // Charts change the page many times a second, so one search follows several changes.
  const plan = () => {
    if (!isPlanned) setTimeout(complete, 200);
    isPlanned = true;
  };
  new MutationObserver(plan).observe(document.body, { childList: true, subtree: true });
  plan();
}

/** @param {Component<FocusRequest | null>} component */
export default function servePage({ data }) {
  completeWidgets();
  if (data) moveFocus(data);
}
