/**
 * A poll of the server's version; see `rerun_on_news` in `invisible.py`.
 *
 * A hidden tab sends no requests; it sends one as soon as it is visible again.
 */

import { reportAnswer } from "./connection.js";

/** @import { Component } from "../types.js" */

const NEWS = new URL("../../news", import.meta.url);
const MAX_ANSWER_MILLISECONDS = 10_000;
// Some changes, such as a deleted folder, do not change the version; they are shown after this time.
// `Watchers` counts a tab as open for a little longer.
const MAX_AGE_SECONDS = 30;
// Shortest time between two requests, so that a new phase, such as a pause in another tab, is shown
// soon. With many tabs, redraws are rare, and requests are four times as frequent as redraws.
const MIN_REQUEST_SECONDS = 1;

/**
 * @typedef {object} News
 * @property {string} version Of what is shown.
 * @property {number} seconds Between two redraws; see `chooseRequestSeconds` for the requests.
 * @property {string | null} external Name of the run of another process.
 */

/**
 * Return the address at which the server answers with the version.
 *
 * @param {string | null} external
 * @returns {URL}
 */
export function buildNewsAddress(external) {
  const url = new URL(NEWS);
  if (external !== null) url.searchParams.set("external", external);
  return url;
}

/**
 * Return the seconds between two requests.
 *
 * @param {number} seconds Between two redraws.
 * @returns {number}
 */
export function chooseRequestSeconds(seconds) {
  return Math.min(seconds, Math.max(MIN_REQUEST_SECONDS, seconds / 4));
}

/**
 * Whether the page has to be redrawn.
 *
 * @param {string} shown The version on the page.
 * @param {string | undefined} newest The server's version; undefined if it did not answer.
 * @param {number} age Seconds since the page was drawn.
 * @param {number} seconds Between two redraws. Another phase, the first word, is drawn at once.
 * @returns {boolean}
 */
export function isOutdated(shown, newest, age, seconds) {
  if (newest === undefined || newest === shown) return age > MAX_AGE_SECONDS;
  const [before, now] = [shown, newest].map((version) => version.split(" "));
  const hasOtherPhase = before.length > 1 && now.length > 1 && before[0] !== now[0];
  // A timer may end a little early.
  return hasOtherPhase || age + 0.05 >= seconds;
}

/**
 * @param {string | null} external
 * @returns {Promise<string | undefined>}
 */
async function fetchVersion(external) {
  try {
    const signal = AbortSignal.timeout(MAX_ANSWER_MILLISECONDS);
    const answer = await fetch(buildNewsAddress(external), { cache: "no-store", signal });
    reportAnswer(true);
    return answer.ok ? await answer.text() : undefined;
  } catch {
    reportAnswer(false);
    return undefined;
  }
}

let numCalls = 0;

/**
 * @param {Component<News>} component
 * @returns {() => void}
 */
export default function pollNews({ data, setTriggerValue, parentElement }) {
  // Streamlit calls this function again after each change, and only the newest call may poll. After an
  // upgrade of the server the newest call may come from another copy of this module. The newest call
  // is the last one that was not stopped: a browser may begin calls in the wrong order, and Streamlit
  // stops the older ones at once.
  numCalls += 1;
  const callId = `${import.meta.url}#${numCalls}`;
  const listCallIds = () => (parentElement.dataset.poll ?? "").split(" ");
  parentElement.dataset.poll = [...listCallIds(), callId].join(" ");
  const isCurrent = () => parentElement.isConnected && listCallIds().at(-1) === callId;

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let drawnAt = performance.now();

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(poll, 1000 * chooseRequestSeconds(data.seconds));
  };
  const stop = () => {
    parentElement.dataset.poll = listCallIds()
      .filter((other) => other !== callId)
      .join(" ");
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", poll);
  };
  const poll = async () => {
    clearTimeout(timer);
    if (!isCurrent()) stop();
    if (!isCurrent() || document.hidden) return;
    const version = await fetchVersion(data.external);
    if (!isCurrent()) return;
    wait();
    const age = (performance.now() - drawnAt) / 1000;
    if (isOutdated(data.version, version, age, data.seconds)) {
      drawnAt = performance.now();
      setTriggerValue("news", version ?? data.version);
    }
  };

  document.addEventListener("visibilitychange", poll);
  wait();
  return stop;
}
