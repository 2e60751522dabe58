// Lets the address stand for what is shown. In place: each move of a slider would else be a step of
// the browser's Back button.
export default function ({ data, setTriggerValue }) {
  const url = new URL(window.location.href);
  const before = window.__session;
  window.__session = data.session;
  if (before && before !== data.session) {
    // The server has begun anew, and knows only the address with which this page was opened.
    if (url.search.slice(1) !== data.search) setTriggerValue("kept", url.search);
    return;
  }
  url.search = data.search;
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
