/** The keyboard of number fields on phones: digits and a point. Streamlit asks for none. */

const UNMARKED = '[data-testid="stNumberInput"] input:not([inputmode])';

/** Ask for a keyboard of digits in all number fields of the page. */
export function markNumberFields() {
  for (const field of document.querySelectorAll(UNMARKED))
    field.setAttribute("inputmode", "decimal");
}
