import assert from "node:assert/strict";
import { test } from "node:test";
import { moveFocus } from "../../dashboard/components/frontend/page/focus.js";

test("a container is focused once, as soon as it is on the page", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  class FakeElement {
    numFocused = 0;
    numScrolled = 0;
    style = {};
    focus = (options = { preventScroll: false }) => {
      this.numFocused += 1;
      if (!options.preventScroll) this.numScrolled += 1;
    };
    /** @type {(selector: string) => FakeElement | null} */
    querySelector = () => null;
    scrollIntoView = () => (this.numScrolled += 1);
    closest = () => null;
    rectangle = { top: -100, bottom: 0, height: 100 };
    getBoundingClientRect = () => this.rectangle;
  }
  const container = new FakeElement();
  let found = /** @type {FakeElement | null} */ (null);
  Object.assign(globalThis, {
    HTMLElement: FakeElement,
    HTMLInputElement: class {},
    ResizeObserver: class {
      observe() {}
      disconnect() {}
    },
    CSS: { escape: (/** @type {string} */ text) => text },
    document: { querySelector: () => found, activeElement: container },
    window: { innerHeight: 800 },
    addEventListener() {},
  });
  moveFocus({ target: "status", token: "1" });
  context.mock.timers.tick(200);
  assert.equal(container.numFocused, 0);
  found = container;
  context.mock.timers.tick(50);
  assert.equal(container.numFocused, 1);
  moveFocus({ target: "status", token: "1" }); // The page is rendered again.
  context.mock.timers.tick(200);
  assert.equal(container.numFocused, 1);
  assert.equal(container.numScrolled, 1); // Above the window.
  container.rectangle = { top: 300, bottom: 1200, height: 900 };
  moveFocus({ target: "status", token: "2" });
  assert.deepEqual([container.numFocused, container.numScrolled], [2, 1]); // In sight: no jump.
  const button = new FakeElement();
  container.querySelector = (/** @type {string} */ selector) =>
    selector.endsWith("button") ? button : null;
  moveFocus({ target: "start-race", token: "3" });
  assert.deepEqual([container.numFocused, button.numFocused], [2, 1]);
});
