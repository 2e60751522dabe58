/**
 * Fields for numbers. Phones show their keyboard of digits, which Streamlit does not request. The
 * number to write is applied while it is typed, as that keyboard may have no Enter key.
 */

const NUMBER_FIELDS = '[data-testid="stNumberInput"] input';
const WRITE_FIELD = ".st-key-write_text input"; // Of "Write a number"; the classes may be letters.
// Time after the last character until the text is applied: longer than between two keys.
const PAUSE_MILLISECONDS = 500;

/** The write fields that are applied while typed; each new one that Streamlit renders is added. */
const applied = new WeakSet();

/**
 * Apply the text of a field after a pause in typing, as the Enter key does.
 *
 * @param {HTMLElement} field
 */
export function applyWhileTyped(field) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const enter = { key: "Enter", code: "Enter", keyCode: 13, bubbles: true };
  const press = () => field.dispatchEvent(new KeyboardEvent("keydown", enter));
  const cancel = () => clearTimeout(timer);
  field.addEventListener("input", () => {
    cancel();
    timer = setTimeout(press, PAUSE_MILLISECONDS);
  });
  // Streamlit applies the text itself when the person presses Enter or leaves the field.
  field.addEventListener("keydown", (event) => event.key === "Enter" && cancel());
  field.addEventListener("blur", cancel);
}

/**
 * Request a keyboard of digits for all number fields of the page, and apply the number to write
 * while it is typed. Called after each change of the page: a field may become one for text.
 */
export function completeNumberFields() {
  for (const field of findFields(NUMBER_FIELDS)) field.inputMode = "decimal";
  for (const field of findFields(WRITE_FIELD)) {
    field.inputMode = field.ariaLabel === "Number" ? "numeric" : "text";
    if (!applied.has(field)) applyWhileTyped(field);
    applied.add(field);
  }
}

/**
 * @param {string} selector
 * @returns {NodeListOf<HTMLInputElement>}
 */
function findFields(selector) {
  return document.querySelectorAll(selector);
}
