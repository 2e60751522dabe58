/** A line on the page while the server does not answer; see `invisible.py`. */

import { createElement } from "./dom.js";

// A connection that is back after a moment needs no words.
const PATIENCE_MILLISECONDS = 2500;
const EXPIRY_MILLISECONDS = 30_000;
// Streamlit's own connection, as its page says (1.67.0); any other state is a lost connection.
const STATE = "data-test-connection-state";
const CONNECTED = "CONNECTED";
// The dialog that Streamlit opens after a while has other advice, and covers the page.
const DIALOG = "[data-testid='stDialog']";
const DIALOG_TITLE = "Connection error";
const CLOSE_BUTTON = "button[aria-label='Close']";
const WORDS =
  "The server does not answer. If you started it in a terminal, start it there again. " +
  "Then this page comes back, and a run continues from its last save.";

/** Whether the last request of a component was answered. */
let hasAnswer = true;
let isWatching = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let patience;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let expiry;
/** @type {HTMLElement | undefined} */
let notice;
/** @type {MutationObserver | undefined} */
let dialogs;

const isConnected = () => document.querySelector(`[${STATE}]`)?.getAttribute(STATE) === CONNECTED;

function update() {
  if (!isConnected() || !hasAnswer) {
    patience ??= setTimeout(show, PATIENCE_MILLISECONDS);
    return;
  }
  clearTimeout(patience);
  notice?.remove();
  dialogs?.disconnect();
  patience = notice = dialogs = undefined;
}

function show() {
  if (!notice) {
    notice = createElement("div", {
      className: "connection-notice",
      role: "alert",
      textContent: WORDS,
    });
    document.body.append(notice);
    dialogs = new MutationObserver(closeDialogs);
    dialogs.observe(document.body, { childList: true, subtree: true });
  }
  closeDialogs();
}

/** Close Streamlit's dialog about the connection; it stays closed until the next loss. */
function closeDialogs() {
  for (const dialog of document.querySelectorAll(DIALOG)) {
    if (!dialog.textContent?.startsWith(DIALOG_TITLE)) continue;
    dialog.querySelector(CLOSE_BUTTON)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }
}

/**
 * Note whether the server has answered a component; one that hangs keeps Streamlit's connection.
 *
 * @param {boolean} answered
 */
export function reportAnswer(answered) {
  hasAnswer = answered;
  clearTimeout(expiry);
  // A page that no longer asks would never hear that the server is back.
  if (!answered) expiry = setTimeout(reportAnswer, EXPIRY_MILLISECONDS, true);
  if (isWatching) update();
}

export default function watchConnection() {
  const app = document.querySelector(`[${STATE}]`);
  if (isWatching || !app) return;
  isWatching = true;
  new MutationObserver(update).observe(app, { attributeFilter: [STATE] });
}
