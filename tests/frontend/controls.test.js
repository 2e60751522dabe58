import assert from "node:assert/strict";
import { test } from "node:test";
import { buildPoints, findIndex } from "../../dashboard/components/frontend/charts/loss_curves.js";
import {
  findNearest,
  findNearestInDirection,
  fitFigure,
} from "../../dashboard/components/frontend/explore/digit_map.js";
import showPad, {
  clamp,
  describePosition,
  findPosition,
} from "../../dashboard/components/frontend/explore/pad.js";
import {
  chooseFrameAfterChange,
  getDuration,
  getNextFrame,
} from "../../dashboard/components/frontend/pictures/film.js";
import {
  countColumns,
  findNextTile,
  keepOneTabStop,
} from "../../dashboard/components/frontend/pictures/tiles.js";
import { formatValue } from "../../dcgan/documents/frontend/latent.js";

test("arrow keys move from tile to tile and stop at the borders", () => {
  // Three columns, eight tiles: the last row has a gap.
  /** @type {[string, number, number | undefined][]} */
  const moves = [
    ["ArrowRight", 0, 1],
    ["ArrowLeft", 1, 0],
    ["ArrowDown", 1, 4],
    ["ArrowUp", 4, 1],
    ["Home", 5, 0],
    ["End", 2, 7],
    ["ArrowLeft", 0, 0],
    ["ArrowUp", 2, 2],
    ["ArrowDown", 5, 5],
    ["ArrowRight", 7, 7],
    ["Tab", 3, undefined],
  ];
  for (const [key, from, to] of moves)
    assert.equal(findNextTile(key, from, 3, 8), to, `${key} ${from}`);
});

test("columns that do not fit at the full enlargement are left out", () => {
  const bank = { width: 14 * 30 - 2, height: 28, scale: 2, columns: 14, crop: true, gap: 2 };
  assert.equal(countColumns(bank, 2000), 14);
  assert.equal(countColumns(bank, 836), 14);
  assert.equal(countColumns(bank, 835), 13);
  assert.equal(countColumns(bank, 358), 6); // A phone 390 pixels wide: tiles of 60 pixels.
  assert.equal(countColumns(bank, 10), 1);
  assert.equal(countColumns({ ...bank, crop: false }, 358), 14);
});

test("the Tab key stops at one tile, also after tiles were left out and are shown again", () => {
  const buttons = [0, 1, 2, 3].map(() => ({ hidden: false, tabIndex: -1 }));
  const listStops = () => buttons.flatMap(({ tabIndex }, index) => (tabIndex === 0 ? [index] : []));
  keepOneTabStop(buttons);
  assert.deepEqual(listStops(), [0]);
  buttons[0].tabIndex = -1; // The arrow keys moved to the last tile.
  buttons[3].tabIndex = 0;
  keepOneTabStop(buttons);
  assert.deepEqual(listStops(), [3]);
  buttons[3].hidden = true;
  keepOneTabStop(buttons);
  assert.deepEqual(listStops(), [0]);
  buttons[3].hidden = false;
  keepOneTabStop(buttons);
  assert.deepEqual(listStops(), [0]);
});

test("the pointer picks the nearest digit of the pad", () => {
  const box = { left: 100, top: 50, width: 60, height: 60 };
  assert.deepEqual(findPosition([100, 50], box, 6), [0, 0]);
  assert.deepEqual(findPosition([160, 110], box, 6), [6, 6]);
  assert.deepEqual(findPosition([114, 86], box, 6), [1, 4]);
  assert.deepEqual(findPosition([0, 999], box, 6), [0, 6]);
  assert.deepEqual(clamp([-1, 7], 6), [0, 6]);
});

test("a position on the pad is described by its distances from the middle", () => {
  const pad = { side: 7, reach: 3, across: "Slant", down: "Width" };
  assert.equal(describePosition([3, 3], pad), "Slant 0.0, Width 0.0");
  assert.equal(describePosition([0, 6], pad), "Slant -3.0, Width 3.0");
});

test("a film starts again after its last frame, which is shown longer", () => {
  assert.deepEqual(
    [0, 1, 2].map((index) => getNextFrame(index, 2)),
    [1, 2, 0],
  );
  assert.deepEqual(
    [0, 1, 2].map((index) => getDuration(index, 2, 80)),
    [80, 80, 1500],
  );
});

test("a film that grows shows its newest frame only to those who had paused at the newest", () => {
  assert.equal(chooseFrameAfterChange({ index: 0, last: undefined, isPlaying: false }, 9), 0);
  assert.equal(chooseFrameAfterChange({ index: 9, last: 9, isPlaying: false }, 12), 12);
  assert.equal(chooseFrameAfterChange({ index: 9, last: 9, isPlaying: true }, 12), 9);
  assert.equal(chooseFrameAfterChange({ index: 4, last: 9, isPlaying: false }, 12), 4);
  assert.equal(chooseFrameAfterChange({ index: 9, last: 12, isPlaying: false }, 5), 5);
});

test("values of sliders have a minus sign and no negative zero", () => {
  assert.equal(formatValue(1.256), "1.26");
  assert.equal(formatValue(-1.5), "−1.50");
  assert.equal(formatValue(-0.001), "0.00");
});

test("an arrow key leads to the nearest digit of the map in its direction", () => {
  const places = [
    { index: 0, name: "0", x: 0, y: 0 },
    { index: 1, name: "1", x: 10, y: 1 },
    { index: 2, name: "2", x: 6, y: 5 },
    { index: 3, name: "3", x: 2, y: 30 },
    { index: 4, name: "4", x: -8, y: -8 },
  ];
  const [start] = places;
  /** @param {[number, number]} direction */
  const next = (direction) => findNearestInDirection(places, start, direction).index;
  assert.equal(next([1, 0]), 1); // 2 is nearer, but further aside.
  assert.equal(next([0, 1]), 3);
  assert.equal(next([-1, 0]), 4);
  assert.equal(findNearestInDirection(places, places[3], [0, 1]).index, 3);
  assert.equal(findNearest(places, [9, 9]).index, 2);
});

test("the chosen digit of the map has a whole ring, and a phone larger points", () => {
  const figure = JSON.stringify({
    data: [
      { name: "3", x: [1, 2], y: [3, 4], customdata: [8, 5], marker: { size: 6 } },
      { name: "8", x: [6], y: [7], customdata: [0], marker: { size: 6 } },
    ],
    layout: { shapes: [{ type: "rect" }] },
  });
  const { data, layout } = JSON.parse(
    fitFigure({ figure, theme: "light", chosen: 5, height: 400 }, 600),
  );
  const [, , ring] = data;
  assert.deepEqual([ring.x, ring.y, ring.customdata], [[2], [4], []]);
  assert.equal(ring.cliponaxis, false);
  const [label, ...above] = layout.shapes; // The ring is above the labels, too.
  assert.equal(label.type, "rect");
  assert.equal(above.length, 2);
  for (const circle of above) assert.deepEqual([circle.xanchor, circle.yanchor], [2, 4]);
  for (const chosen of [null, 77]) {
    assert.equal(fitFigure({ figure, theme: "light", chosen, height: 400 }, 600), figure);
  }
  const narrow = JSON.parse(fitFigure({ figure, theme: "dark", chosen: null, height: 400 }, 358));
  assert.equal(narrow.data[1].marker.size, 7);
});

test("the ring of the map moves a label that it would cover, and no other", () => {
  const label = (/** @type {number} */ x, /** @type {number} */ y) => ({
    ...{ type: "rect", xanchor: x, yanchor: y, y0: -13, y1: 13 },
  });
  const layout = {
    shapes: [label(5, 5), label(2, 2)],
    xaxis: { range: [0, 10] },
    yaxis: { range: [0, 10] },
    margin: { l: 14, r: 14, t: 14, b: 14 },
  };
  /** @param {number} y */
  const place = (y) => {
    const figure = JSON.stringify({ data: [{ x: [5], y: [y], customdata: [3] }], layout });
    const fitted = fitFigure({ figure, theme: "light", chosen: 3, height: 428 }, 428);
    return JSON.parse(fitted).layout.shapes.slice(0, 2);
  };
  const [below, other] = place(5.2); // 8 pixels above the label's place.
  assert.ok(below.y1 < 8 - 13);
  assert.deepEqual([other.y0, other.y1], [-13, 13]);
  assert.ok(place(4.8)[0].y0 > -8 + 13);
  assert.equal(place(6)[0].y0, -13); // 40 pixels away.
});

test("the losses of a film are drawn from 0 upwards, up to the run's last step", () => {
  assert.equal(buildPoints([0, 50, 100], [0, 1, 9], 2), "0.0,150.0 150.0,75.0 300.0,0.0");
});

test("the losses of a moment come from the last report before it", () => {
  assert.equal(findIndex([10, 20, 30], 25), 1);
  assert.equal(findIndex([10, 20, 30], 30), 2);
  assert.equal(findIndex([10, 20, 30], 0), 0);
});

/** Show a pad on a page that only counts; `show` is a message of the server. */
function openPad() {
  const box = { left: 0, top: 0, width: 60, height: 60 };
  /** @type {Record<string, any>[]} */
  const elements = [];
  const createElement = () => {
    const element = {
      style: {},
      isConnected: true,
      append() {},
      setAttribute() {},
      setPointerCapture() {},
      getBoundingClientRect: () => box,
    };
    elements.push(element);
    return element;
  };
  Object.assign(globalThis, {
    document: { createElement },
    Image: class {},
    ResizeObserver: class {
      observe() {}
      disconnect() {}
    },
  });
  /** @type {unknown[]} */
  const picked = [];
  const parent = { querySelector: () => null, append() {}, clientWidth: 0 };
  /** @param {[number, number]} position */
  const show = (position) =>
    showPad({
      data: {
        ...{ src: "a.png", plane: "a", side: 7, digitSide: 28, position, scale: 2 },
        ...{ across: "Slant", down: "Width", reach: 3, alt: "" },
      },
      parentElement: /** @type {HTMLElement} */ (/** @type {unknown} */ (parent)),
      setTriggerValue: (/** @type {string} */ _, /** @type {unknown} */ value) =>
        picked.push(value),
    });
  show([3, 3]);
  const field = elements.find(({ role }) => role === "slider") ?? {};
  const mark = elements.find(({ className }) => className === "mark") ?? {};
  return { field, mark, picked, show };
}

test("while the arrow keys move the pad's mark, a moving mouse does not", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { field, mark, picked } = openPad();
  const pointer = { button: 0, pointerId: 1, clientX: 0, clientY: 0 };
  field.onpointermove(pointer);
  assert.equal(mark.style.left, "0%"); // A mouse that hovers shows a digit.
  field.onpointerleave();
  field.onkeydown({ key: "ArrowRight", preventDefault() {} });
  field.onpointermove(pointer);
  field.onpointerup();
  field.onpointerleave();
  assert.deepEqual(picked, []);
  context.mock.timers.tick(500);
  assert.deepEqual(picked, [{ column: 4, row: 3 }]);
  field.onkeydown({ key: "ArrowRight", preventDefault() {} });
  field.onpointerdown(pointer); // A press counts at once, and the keys before it no longer.
  field.onpointerup();
  context.mock.timers.tick(500);
  assert.deepEqual(picked, [
    { column: 4, row: 3 },
    { column: 0, row: 0 },
  ]);
});

test("the pad's mark stays where a person put it until the server has the pick", () => {
  const { field, mark, picked, show } = openPad();
  const pointer = { button: 0, pointerId: 1, clientX: 60, clientY: 0 };
  field.onpointerdown(pointer);
  show([2, 2]); // Newer digits of a training; the finger is still down.
  assert.equal(mark.style.left, "100%");
  field.onpointerup();
  assert.deepEqual(picked, [{ column: 6, row: 0 }]);
  show([3, 3]); // Sent before the pick arrived.
  assert.equal(mark.style.left, "100%");
  show([6, 0]);
  show([3, 3]); // Another z was chosen since.
  assert.equal(mark.style.left, "50%");
  field.onpointerdown(pointer);
  show([2, 2]);
  field.onpointercancel(); // The touch became a scroll: what was kept back is shown.
  assert.equal(mark.style.left, `${(2 / 6) * 100}%`);
});
