// Lets the address stand for what is shown. In place: each move of a slider would else be a step of
// the browser's Back button.
export default function ({ data }) {
  const url = new URL(window.location.href);
  url.search = data.search;
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}
