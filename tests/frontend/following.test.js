import assert from "node:assert/strict";
import { test } from "node:test";
import replaceAddress, { decideAddress } from "../../dashboard/components/frontend/page/address.js";
import pollNews, {
  buildNewsAddress,
  chooseRequestSeconds,
  isOutdated,
} from "../../dashboard/components/frontend/page/news.js";

const HREF = "https://example.org/studio/explore?seed=7";

test("the address names what is shown, whatever is before its query", () => {
  assert.deepEqual(decideAddress(HREF, "seed=8&psi=1", false), {
    replacement: "https://example.org/studio/explore?seed=8&psi=1",
  });
});

test("an address that is right already is not written again", () => {
  assert.deepEqual(decideAddress(HREF, "seed=7", false), {});
});

test("the address of an earlier session is kept for the new one to restore", () => {
  assert.deepEqual(decideAddress(HREF, "seed=1", true), { kept: "?seed=7" });
  assert.deepEqual(decideAddress(HREF, "seed=7", true), {});
});

test("of components that begin in the wrong order, the newest query stays in the address", (context) => {
  const location = { href: HREF };
  const history = {
    /** @type {(state: unknown, title: string, href: string) => void} */
    replaceState: (_state, _title, href) => Object.assign(location, { href }),
  };
  Object.assign(globalThis, {
    document: { documentElement: { dataset: {} } },
    window: { location, history },
  });
  context.after(() => Object.assign(globalThis, { document: undefined, window: undefined }));
  /** @type {(search: string, number: number, session?: string) => void} */
  const begin = (search, number, session = "first") =>
    replaceAddress(
      /** @type {any} */ ({ data: { search, session, number }, setTriggerValue: () => {} }),
    );
  begin("seed=9", 2);
  begin("seed=8", 1);
  assert.equal(location.href, HREF.replace("7", "9"));
  begin("seed=6", 2); // The same query of another component, or a later one.
  assert.equal(location.href, HREF.replace("7", "6"));
  begin("seed=5", 0, "second"); // The session before the restart is over.
  begin("seed=5", 0, "second");
  assert.equal(location.href, HREF.replace("7", "5"));
});

test("the version is asked for beside the scripts, so also below a base path", () => {
  // Scripts are at BASE/frontend/HASH/, the version at BASE/news.
  const base = new URL("../../dashboard/components/", import.meta.url);
  assert.equal(buildNewsAddress(null).href, new URL("news", base).href);
  assert.equal(buildNewsAddress("").search, "?external=");
  assert.equal(buildNewsAddress("a b").search, "?external=a+b");
});

test("a page is outdated when the server has another version, or after half a minute", () => {
  assert.equal(isOutdated("running 1", "running 1", 5, 4), false);
  assert.equal(isOutdated("running 1", "running 2", 4, 4), true);
  assert.equal(isOutdated("running 1", undefined, 5, 4), false);
  assert.equal(isOutdated("running 1", "running 1", 30.1, 4), true);
});

test("another phase is shown at once, and other changes only after the time between redraws", () => {
  assert.equal(isOutdated("running 1", "running 2", 1, 4), false);
  assert.equal(isOutdated("running 1", "pausing 2", 1, 4), true);
  // A text that is not the server's stands for a delay.
  assert.equal(isOutdated("0.5,0.1", "running 2", 1, 4), false);
});

test("the phase is asked for each second, less often where redraws are rare", () => {
  assert.deepEqual([0.2, 1, 3, 4, 10].map(chooseRequestSeconds), [0.2, 1, 1, 1, 2.5]);
});

test("of runs that begin in the wrong order, the one that Streamlit does not stop polls", async (context) => {
  const parentElement = /** @type {HTMLElement} */ (
    /** @type {unknown} */ ({ dataset: {}, isConnected: true })
  );
  const page = { hidden: false, addEventListener() {}, removeEventListener() {} };
  Object.assign(globalThis, { document: page });
  context.mock.timers.enable({ apis: ["setTimeout"] });
  context.mock.method(globalThis, "fetch", async () => new Response("4"));
  /** @type {string[]} */
  const reruns = [];
  /** @param {string} version */
  const run = (version) =>
    pollNews({
      data: { version, seconds: 0, external: null },
      parentElement,
      setTriggerValue: () => reruns.push(version),
    });
  run("3");
  const stops = [run("1"), run("2")];
  for (const stop of stops) stop();
  context.mock.timers.tick(1000);
  await new Promise(setImmediate);
  assert.deepEqual(reruns, ["3"]);
});
