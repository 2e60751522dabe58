/** Names for help buttons, which Streamlit calls "Help" beside a text, a number or a badge. */

const UNNAMED = 'button[aria-label="Help"]';
const MAX_LENGTH = 60; // Characters; a longer text is cut in the name.

/**
 * Return a help button's name from the text that it explains.
 *
 * @param {string} text
 * @returns {string} "Help" if there is no text.
 */
export function makeHelpName(text) {
  const line = text.replace(/\s+/g, " ").trim();
  if (!line) return "Help";
  // The first sentence; a point within a number or a file's name does not end it.
  const [first] = line.split(/[.:] /, 1);
  const cut = first.length > MAX_LENGTH ? `${first.slice(0, MAX_LENGTH).trimEnd()}…` : first;
  return `Help: ${cut.replace(/[.:]$/, "")}`;
}

/**
 * Return the text of the element that a help button belongs to, without icons.
 *
 * @param {Element} button
 * @returns {string}
 */
function readExplainedText(button) {
  const part = button.closest(
    '[data-testid="stMetricLabel"], [data-testid="stMetric"], .stElementContainer',
  );
  const copy = part?.cloneNode(true);
  if (!(copy instanceof Element)) return "";
  for (const icon of copy.querySelectorAll('[data-testid="stIconMaterial"], [aria-hidden] svg')) {
    icon.remove();
  }
  return copy.textContent ?? "";
}

/** Name all help buttons of the page that have no name yet. */
export function nameHelpButtons() {
  for (const button of document.querySelectorAll(UNNAMED)) {
    button.setAttribute("aria-label", makeHelpName(readExplainedText(button)));
  }
}
