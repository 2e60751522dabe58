import assert from "node:assert/strict";
import { test } from "node:test";
import {
  applyWhileTyped,
  completeNumberFields,
} from "../../dashboard/components/frontend/page/number_fields.js";

class KeyboardEvent extends Event {
  /**
   * @param {string} type
   * @param {{ key: string }} init
   */
  constructor(type, init) {
    super(type);
    this.key = init.key;
  }
}
Object.assign(globalThis, { KeyboardEvent });

class Field extends EventTarget {
  inputMode = "";
  ariaLabel = "Number";
  /** @type {string[]} */
  pressed = [];

  constructor() {
    super();
    this.addEventListener("keydown", (event) => {
      this.pressed.push(/** @type {KeyboardEvent} */ (event).key);
    });
  }
}

/**
 * Put fields on the page.
 *
 * @param {Record<string, Field[]>} fields By the class or test id in their selector.
 */
function show(fields) {
  /** @param {string} selector */
  const querySelectorAll = (selector) =>
    Object.entries(fields).flatMap(([name, found]) => (selector.includes(name) ? found : []));
  Object.assign(globalThis, { document: { querySelectorAll } });
}

test("a number is applied once, after a pause in typing", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const field = new Field();
  applyWhileTyped(/** @type {HTMLElement & Field} */ (field));
  field.dispatchEvent(new Event("input"));
  context.mock.timers.tick(300);
  field.dispatchEvent(new Event("input"));
  context.mock.timers.tick(300);
  assert.deepEqual(field.pressed, []);
  context.mock.timers.tick(200);
  assert.deepEqual(field.pressed, ["Enter"]);
});

test("a number that the person applies is not applied again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const field = new Field();
  applyWhileTyped(/** @type {HTMLElement & Field} */ (field));
  field.dispatchEvent(new Event("input"));
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
  context.mock.timers.tick(1000);
  assert.deepEqual(field.pressed, ["Enter"]);
  field.dispatchEvent(new Event("input"));
  field.dispatchEvent(new Event("blur"));
  context.mock.timers.tick(1000);
  assert.deepEqual(field.pressed, ["Enter"]);
});

test("a field asks for the keyboard of its current label, and is applied once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [epochs, write] = [new Field(), new Field()];
  show({ stNumberInput: [epochs], write_text: [write] });
  completeNumberFields();
  assert.equal(epochs.inputMode, "decimal");
  assert.equal(write.inputMode, "numeric");
  write.ariaLabel = "Text"; // Another run, whose classes are letters.
  completeNumberFields();
  assert.equal(write.inputMode, "text");
  write.dispatchEvent(new Event("input"));
  context.mock.timers.tick(1000);
  assert.deepEqual(write.pressed, ["Enter"]);
});
