import assert from "node:assert/strict";
import { test } from "node:test";
import watchConnection, {
  reportAnswer,
} from "../../dashboard/components/frontend/page/connection.js";

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

const page = new FakePage();
/** @type {(() => void)[]} Of the observers that the component makes. */
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

/** @param {string} state */
function change(state) {
  page.state = state;
  for (const listener of listeners) listener();
}

function readNotice() {
  return page.shown.map((child) => child.textContent).join("|");
}

/** Matches one notice. */
const NOTICE = /^The server does not answer[^|]*$/;

test("the connection is watched once, however often the page is rendered", () => {
  watchConnection();
  watchConnection();
  assert.equal(listeners.length, 1);
});

test("a connection that is back after a moment is not reported", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  change("PINGING_SERVER");
  context.mock.timers.tick(2000);
  change("CONNECTED");
  context.mock.timers.tick(60_000);
  assert.equal(readNotice(), "");
});

test("a lost connection is reported once, until it is back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  change("PINGING_SERVER");
  context.mock.timers.tick(3000);
  change("CONNECTING");
  assert.match(readNotice(), NOTICE);
  change("CONNECTED");
  assert.equal(readNotice(), "");
});

test("of the dialogs only Streamlit's about the connection is closed", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  change("PINGING_SERVER");
  context.mock.timers.tick(3000);
  page.dialogText = "Can you tell?";
  change("PINGING_SERVER");
  assert.equal(page.numClosed, 0);
  page.dialogText = "Connection errorAre you connected?";
  change("PINGING_SERVER");
  assert.ok(page.numClosed > 0);
  change("CONNECTED");
});

test("a server that does not answer a component is reported, until it does", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  reportAnswer(false);
  context.mock.timers.tick(3000);
  assert.match(readNotice(), NOTICE);
  reportAnswer(true);
  assert.equal(readNotice(), "");
});

test("a missing answer is forgotten if the page asks no more", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  reportAnswer(false);
  context.mock.timers.tick(29_000);
  assert.match(readNotice(), NOTICE);
  context.mock.timers.tick(1000);
  assert.equal(readNotice(), "");
});
