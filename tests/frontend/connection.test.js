import assert from "node:assert/strict";
import { test } from "node:test";
import watchConnection, { reportAnswer } from "../../dashboard/components/frontend/connection.js";

/** A page with as much of a browser as the component uses. */
class FakePage {
  state = "CONNECTED";
  /** @type {FakeElement[]} */
  shown = [];
  numClosed = 0;
  dialogText = "";
  body = { append: (/** @type {FakeElement} */ child) => this.shown.push(child) };

  /** @param {string} name */
  createElement(name) {
    return new FakeElement(this, name);
  }

  querySelector() {
    return { getAttribute: () => this.state };
  }

  querySelectorAll() {
    const close = { dispatchEvent: () => this.numClosed++ };
    return this.dialogText ? [{ textContent: this.dialogText, querySelector: () => close }] : [];
  }
}

class FakeElement {
  textContent = "";

  /** @param {FakePage} page @param {string} name */
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  append() {}

  remove() {
    this.page.shown = this.page.shown.filter((child) => child !== this);
  }
}

test("a lost connection is reported after a moment, until it is back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const page = new FakePage();
  /** @type {(() => void)[]} */
  const listeners = [];
  Object.assign(globalThis, {
    document: page,
    MouseEvent: class {},
    MutationObserver: class {
      /** @param {() => void} listener */
      constructor(listener) {
        listeners.push(listener);
      }
      observe() {}
      disconnect() {}
    },
  });
  watchConnection();
  watchConnection();
  assert.equal(listeners.length, 1);
  /** @param {string} state */
  const change = (state) => {
    page.state = state;
    for (const listener of listeners) listener();
  };
  const words = () => page.shown.map((child) => child.textContent);

  change("PINGING_SERVER");
  context.mock.timers.tick(2000);
  change("CONNECTED");
  context.mock.timers.tick(60_000);
  assert.deepEqual(words(), []);

  change("PINGING_SERVER");
  context.mock.timers.tick(3000);
  change("CONNECTING");
  assert.match(words().join("|"), /^The server does not answer[^|]*$/);
  page.dialogText = "Can you tell?";
  change("PINGING_SERVER");
  assert.equal(page.numClosed, 0);
  page.dialogText = "Connection errorAre you connected?";
  change("PINGING_SERVER");
  assert.ok(page.numClosed > 0);
  change("CONNECTED");
  assert.deepEqual(words(), []);

  reportAnswer(false);
  context.mock.timers.tick(3000);
  assert.match(words().join(), /^The server does not answer/);
  reportAnswer(true);
  assert.deepEqual(words(), []);

  reportAnswer(false);
  context.mock.timers.tick(60_000);
  assert.deepEqual(words(), []);
});
