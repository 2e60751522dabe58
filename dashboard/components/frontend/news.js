// Polls the server's version and reruns the surrounding fragment when it differs. A hidden tab does
// not poll; one that becomes visible polls at once.
const NEWS = new URL("news", document.baseURI).href;

// A rerun after this time shows what no version covers, such as a folder that was deleted.
const PATIENCE = 30_000;

async function newestVersion({ version: before, external }) {
  const url = new URL(NEWS);
  if (external != null) url.searchParams.set("external", external);
  try {
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(10_000) });
    return answer.ok ? await answer.text() : before;
  } catch {
    return before; // The server is on its way back; Streamlit says so on the page.
  }
}

export default function ({ data, setTriggerValue, parentElement }) {
  const state = (parentElement.__news ??= {});
  // Streamlit calls this again where something has changed; what was drawn is of this moment.
  Object.assign(state, { data, ask: setTriggerValue, drawn: performance.now() });

  async function look() {
    clearTimeout(state.timer);
    if (document.hidden) return;
    const version = await newestVersion(state.data);
    if (state.isGone) return; // The page was left while the server answered.
    const isOld = performance.now() - state.drawn > PATIENCE;
    if (version !== state.data.version || isOld) {
      state.drawn = performance.now();
      state.ask("news", version);
    }
    wait();
  }

  function wait() {
    clearTimeout(state.timer);
    state.timer = setTimeout(look, 1000 * state.data.seconds);
  }

  if (!state.seen) {
    state.seen = () => document.hidden || look();
    document.addEventListener("visibilitychange", state.seen);
  }
  wait();
  return () => {
    state.isGone = true;
    clearTimeout(state.timer);
    document.removeEventListener("visibilitychange", state.seen);
    parentElement.__news = undefined;
  };
}
