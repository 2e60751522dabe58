/** The page's address as a link to the shown state; see `invisible.py`. */

/** @import { Component } from "../types.js" */

/**
 * Return the address to write after a run of the script, or the query to restore.
 *
 * @param {string} href The page's current address.
 * @param {string} search The query for the shown state, without the question mark.
 * @param {boolean} isOtherSession Whether an earlier session of the same page wrote the address.
 * @returns {{ kept?: string, replacement?: string }} The query for the new session to restore, or
 *   the address to write.
 */
export function decideAddress(href, search, isOtherSession) {
  const url = new URL(href);
  if (isOtherSession) {
    // The server has restarted and knows only the address with which the page was first opened.
    return url.search.slice(1) === search ? {} : { kept: url.search };
  }
  url.search = search;
  return url.href === href ? {} : { replacement: url.href };
}

/**
 * Streamlit may begin several components of a page in any order; an older query is not written.
 *
 * @param {Component<{ search: string, session: string, number: number }>} component
 */
export default function replaceAddress({ data, setTriggerValue }) {
  // Kept on the page and not in this module, as an upgraded server has another copy of the module.
  const page = document.documentElement.dataset;
  const isOtherSession = page.session !== undefined && page.session !== data.session;
  if (!isOtherSession && Number(page.address ?? 0) > data.number) return;
  page.session = data.session;
  page.address = String(data.number);
  const { kept, replacement } = decideAddress(window.location.href, data.search, isOtherSession);
  if (kept !== undefined) setTriggerValue("kept", kept);
  // Replaced, not added: the browser's Back button would otherwise undo each move of a slider.
  if (replacement) window.history.replaceState(window.history.state, "", replacement);
}
