/**
 * Taps on the help of a switch.
 *
 * Streamlit puts a switch's help button inside its label, and the label treats every tap as a tap on
 * the switch: it flips, takes the focus, and the help closes before anyone can read it.
 */

const HELP_OF_SWITCH = '[data-testid="stCheckbox"] button[aria-label^="Help"]';

/**
 * Return the help button of a switch that an event belongs to, or null.
 *
 * @param {Event} event
 * @returns {HTMLElement | null}
 */
function findHelp(event) {
  const { target } = event;
  return target instanceof Element ? target.closest(HELP_OF_SWITCH) : null;
}

/**
 * Show the help, and cancel the press that the label has begun.
 *
 * @param {PointerEvent} event
 */
function cancelPress(event) {
  const help = findHelp(event);
  if (!help) return;
  help.focus(); // Streamlit shows the help of a touched button while it has the focus.
  event.stopPropagation();
  const { pointerId, pointerType } = event;
  // Dispatch on the document: on the button, Streamlit would discard the touch.
  document.dispatchEvent(new PointerEvent("pointercancel", { pointerId, pointerType }));
}

/**
 * Hide a click from the label.
 *
 * @param {MouseEvent} event
 */
function hideClick(event) {
  if (findHelp(event)) event.stopPropagation();
}

/** Make taps on the help of switches show the help and change nothing; a second call does nothing. */
export function keepHelpTapsFromSwitches() {
  // At the window, before Streamlit's listeners, which are at the document and below it.
  window.addEventListener("pointerup", cancelPress, { capture: true });
  window.addEventListener("click", hideClick, { capture: true });
}
