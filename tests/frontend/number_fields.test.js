import assert from "node:assert/strict";
import { test } from "node:test";
import { applyWhileTyped } from "../../dashboard/components/frontend/number_fields.js";

test("a number is applied once, after a pause in typing", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, {
    KeyboardEvent: class extends Event {
      /**
       * @param {string} type
       * @param {{ key: string }} init
       */
      constructor(type, init) {
        super(type);
        this.key = init.key;
      }
    },
  });
  const field = new EventTarget();
  /** @type {string[]} */
  const pressed = [];
  field.addEventListener("keydown", (event) =>
    pressed.push(/** @type {KeyboardEvent} */ (event).key),
  );
  applyWhileTyped(/** @type {HTMLElement} */ (field));
  field.dispatchEvent(new Event("input"));
  context.mock.timers.tick(300);
  field.dispatchEvent(new Event("input"));
  context.mock.timers.tick(300);
  assert.deepEqual(pressed, []);
  context.mock.timers.tick(200);
  assert.deepEqual(pressed, ["Enter"]);
});
