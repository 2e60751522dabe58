/**
 * Fields for numbers. Phones show their keyboard of digits, which Streamlit does not request. The
 * number to write is applied while it is typed, as that keyboard may have no Enter key.
 */

const UNMARKED = '[data-testid="stNumberInput"] input:not([inputmode])';
const UNMARKED_TEXT = ".st-key-write_text input:not([inputmode])";
const PAUSE = 500; // Milliseconds after the last character until the text is applied.

/**
 * Apply the text of a field after a pause in typing, as the Enter key does.
 *
 * @param {HTMLElement} field
 */
export function applyWhileTyped(field) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const enter = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => field.dispatchEvent(new KeyboardEvent("keydown", enter)), PAUSE);
  });
}

/** Ask for a keyboard of digits in all number fields of the page. */
export function markNumberFields() {
  for (const field of document.querySelectorAll(UNMARKED))
    field.setAttribute("inputmode", "decimal");
  for (const field of document.querySelectorAll(UNMARKED_TEXT)) {
    field.setAttribute("inputmode", field.ariaLabel === "Number" ? "numeric" : "text");
    if (field instanceof HTMLElement) applyWhileTyped(field);
  }
}
