/** A line on the page while the server does not answer; see `invisible.py`. */

import { createElement } from "../dom.js";

// No notice is shown if the connection is back after this time.
const GRACE_MILLISECONDS = 2500;
const EXPIRY_MILLISECONDS = 30_000; // A missing answer no longer counts after this time.
// Attribute with the state of Streamlit's own connection (1.67.0); any other state than this one is a
// lost connection.
const STATE = "data-test-connection-state";
const CONNECTED = "CONNECTED";
// The dialog that Streamlit opens after a while has other advice, and covers the page.
const DIALOG = "[data-testid='stDialog']";
const DIALOG_TITLE = "Connection error";
const CLOSE_BUTTON = "button[aria-label='Close']";
const MESSAGE =
  "The server does not answer. If you started it in a terminal, start it there again. " +
  "Then this page comes back, and a run continues from its last save.";

/** Whether the last request of a component was answered. */
let hasAnswer = true;
let isWatching = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let grace;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let expiry;
/** @type {HTMLElement | undefined} */
let notice;
/** @type {MutationObserver | undefined} */
let dialogs;

const isConnected = () => document.querySelector(`[${STATE}]`)?.getAttribute(STATE) === CONNECTED;

function update() {
  if (!isConnected() || !hasAnswer) {
    grace ??= setTimeout(show, GRACE_MILLISECONDS);
    return;
  }
  clearTimeout(grace);
  notice?.remove();
  dialogs?.disconnect();
  grace = notice = dialogs = undefined;
}

function show() {
  if (!notice) {
    notice = createElement("div", {
      className: "connection-notice",
      role: "alert",
      textContent: MESSAGE,
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
 * Record whether the server has answered a component. A server that hangs does not answer, although
 * Streamlit's connection stays open.
 *
 * @param {boolean} answered
 */
export function reportAnswer(answered) {
  hasAnswer = answered;
  clearTimeout(expiry);
  // A page that sends no more requests would never learn that the server is back.
  if (!answered) expiry = setTimeout(reportAnswer, EXPIRY_MILLISECONDS, true);
  if (isWatching) update();
}

export default function watchConnection() {
  const app = document.querySelector(`[${STATE}]`);
  if (isWatching || !app) return;
  isWatching = true;
  new MutationObserver(update).observe(app, { attributeFilter: [STATE] });
}
