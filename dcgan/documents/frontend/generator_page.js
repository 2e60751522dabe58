/**
 * The page of an exported generator: what a person chooses, and the pictures of it.
 *
 * `generator_page.py` puts this script into one file with those that it imports.
 */

import { DigitGrid } from "./digit_grid.js";
import { keepFitting } from "./fit.js";
import { generateDigit, unpackGenerator } from "./generator.js";
import {
  formatValue,
  getDistance,
  getShare,
  makeInputs,
  mixClasses,
  moveAlong,
  parseText,
  sampleLatent,
  slerp,
} from "./latent.js";
import { find, paint, saveFile, savePng } from "./page_elements.js";
import { tile } from "./pictures.js";
import { encodeFilm, NUM_FRAMES, WalkFilm } from "./walk_film.js";

/** @import { Raster } from "./pictures.js" */

/**
 * @typedef {object} PageData
 * @property {string} noun Of a picture, such as "digit".
 * @property {string} fileName Of downloads, without what they show and without suffix.
 * @property {number} latentDim
 * @property {string[]} classNames None if the generator knows no classes.
 * @property {number} side Of a digit, in pixels.
 * @property {{ rows: number, columns: number }} grid
 * @property {number[][]} vectors The sliders' directions.
 * @property {number} zLimit Bound of each entry of z.
 * @property {{ name: string, z: number[], classId: number }[]} examples
 * @property {number} first Index of the example that the page begins with.
 *
 * @typedef {object} Choice A digit that a person has chosen.
 * @property {Float64Array} z
 * @property {number} classId 0 if the generator knows no classes.
 * @property {string} origin In words.
 * @property {number} [seed] Without one, the digit is an example, or a slider has moved it.
 */

const MAX_SEED = 2 ** 32 - 1;
const SURPRISES = 1_000_000; // Seeds of surprises, short enough to write down.
const FILE_SCALE = 8; // Of a digit, in files.

/** @type {PageData} */
const data = JSON.parse(find("page-data", HTMLScriptElement).textContent ?? "");
const generator = unpackGenerator(
  Uint8Array.from(atob(find("generator", HTMLScriptElement).textContent ?? ""), (character) =>
    character.charCodeAt(0),
  ),
);
const numClasses = data.classNames.length;
const numCells = data.grid.rows * data.grid.columns;

const surprise = () => Math.floor(Math.random() * SURPRISES);

let chosen = chooseExample(data.first);
let firstSeed = surprise();
let end = chooseSeed(surprise(), numClasses && (chosen.classId + 1) % numClasses);
let psi = 1;
/** @type {number[]} */
let written = [];

/**
 * @param {number} index
 * @returns {Choice}
 */
function chooseExample(index) {
  const { name, z, classId } = data.examples[index];
  return { z: Float64Array.from(z), classId, origin: name };
}

/**
 * @param {number} number The seed.
 * @param {number} classId
 * @returns {Choice}
 */
function chooseSeed(number, classId) {
  const origin = `seed ${number}`;
  return { z: sampleLatent(number, data.latentDim), classId, origin, seed: number };
}

/** @param {Choice} choice */
function describe({ classId, origin }) {
  return numClasses ? `${data.classNames[classId]}, ${origin}` : origin;
}

/**
 * @param {Float64Array} z
 * @param {number[]} weights Of the classes.
 */
function drawDigit(z, weights) {
  return generateDigit(generator, makeInputs(z, psi, weights));
}

/** @param {Choice} choice */
function drawChoice({ z, classId }) {
  return drawDigit(z, mixClasses(classId, classId, 0, numClasses));
}

/**
 * @param {Uint8ClampedArray[]} digits
 * @returns {Raster}
 */
const tileRow = (digits) => tile(digits, data.side, digits.length, 0);

/** @param {number} frame */
function drawWalk(frame) {
  const share = getShare(frame, NUM_FRAMES);
  const weights = mixClasses(chosen.classId, end.classId, share, numClasses);
  return tileRow([drawDigit(slerp(chosen.z, end.z, share), weights)]);
}

/** @param {number} frame Of the film in which the hand of the number changes. */
function drawText(frame) {
  const z = slerp(chosen.z, end.z, getShare(frame, NUM_FRAMES));
  return tileRow(written.map((classId) => drawChoice({ z, classId, origin: "" })));
}

/**
 * Return a digit of the grid: where there are classes, each column has one if they fit.
 *
 * @param {number} index
 * @returns {Choice}
 */
function getCell(index) {
  const number = numClasses ? Math.floor(index / Math.min(numClasses, numCells)) : index;
  return chooseSeed((firstSeed + number) % (MAX_SEED + 1), numClasses && index % numClasses);
}

// What is shown of the choices.

const digit = find("digit", HTMLCanvasElement);
const seedField = find("seed", HTMLInputElement);
const psiSlider = find("psi", HTMLInputElement);
const sliders = [...document.querySelectorAll("#sliders input")].map(
  (it) => /** @type {HTMLInputElement} */ (it),
);
const radios = [...document.querySelectorAll("#classes input")].map(
  (it) => /** @type {HTMLInputElement} */ (it),
);
const filmCanvas = find("film", HTMLCanvasElement);
const film = new WalkFilm(
  {
    canvas: filmCanvas,
    play: find("play", HTMLButtonElement),
    moment: find("moment", HTMLInputElement),
  },
  drawWalk,
);
const grid = new DigitGrid(find("grid", HTMLElement), { ...data.grid, side: data.side }, (index) =>
  choose(getCell(index)),
);

/**
 * @param {HTMLInputElement} input
 * @param {number} value Not rounded, as that of the slider is.
 */
function showValue(input, value) {
  const output = /** @type {HTMLElement} */ (input.parentElement).querySelector("output");
  if (output) output.textContent = formatValue(value);
}

/** @param {HTMLInputElement} [held] The slider that a person holds, which has its value already. */
function showChosen(held) {
  const words = describe(chosen);
  paint(digit, tileRow([drawChoice(chosen)]));
  digit.ariaLabel = `The chosen ${data.noun}: ${words}, step ${generator.step}`;
  find("origin", HTMLElement).textContent = words[0].toUpperCase() + words.slice(1);
  seedField.value = String(chosen.seed ?? "");
  radios.forEach((radio, classId) => {
    radio.checked = classId === chosen.classId;
  });
  sliders.forEach((input, index) => {
    const value = getDistance(chosen.z, data.vectors[index]);
    if (input !== held) input.value = String(value);
    showValue(input, value);
  });
  markCell();
  showWalk();
  showText();
}

function showWalk() {
  const words = `from ${describe(chosen)} to ${describe(end)}`;
  find("ends", HTMLElement).textContent = `It leads ${words}, and back.`;
  filmCanvas.ariaLabel = `A walk ${words}`;
  film.show();
}

function markCell() {
  const cells = Array.from({ length: numCells }, (_, index) => getCell(index));
  grid.mark(cells.findIndex((it) => it.seed === chosen.seed && it.classId === chosen.classId));
}

function showGrid() {
  const cells = Array.from({ length: numCells }, (_, index) => getCell(index));
  grid.show(cells.map(describe), (index) => drawChoice(cells[index]));
  markCell();
}

/** @param {Choice} choice */
function choose(choice) {
  chosen = choice;
  showChosen();
}

/** @param {string} what */
const nameFile = (what) => `${data.fileName}-${what}`;

// What a person does.

find("surprise", HTMLButtonElement).onclick = () => choose(chooseSeed(surprise(), chosen.classId));
seedField.oninput = () => {
  if (!seedField.value || !seedField.checkValidity()) return;
  choose(chooseSeed(Number(seedField.value), chosen.classId));
};
psiSlider.oninput = () => {
  psi = Number(psiSlider.value);
  showValue(psiSlider, psi);
  showChosen();
  showGrid();
};
radios.forEach((radio, classId) => {
  radio.onchange = () => choose({ ...chosen, classId });
});
document.querySelectorAll("#examples button").forEach((button, index) => {
  button.addEventListener("click", () => choose(chooseExample(index)));
});
const help = find("slider-help", HTMLElement);
const note = help.textContent ?? "";
sliders.forEach((input, index) => {
  let before = chosen;
  input.oninput = () => {
    const distance = Number(input.value);
    const z = moveAlong(chosen.z, data.vectors[index], distance, data.zLimit);
    const origin = `${chosen.origin.replace(/, moved$/, "")}, moved`;
    chosen = { z, classId: chosen.classId, origin };
    showChosen(input);
  };
  input.onpointerdown = () => {
    before = chosen;
  };
  // The touch became a scroll of the page.
  input.onpointercancel = () => choose(before);
});
for (const input of [...sliders, psiSlider]) {
  const row = /** @type {HTMLElement} */ (input.parentElement);
  const explain = () => {
    help.textContent = input.getAttribute("aria-description");
  };
  const stop = () => {
    help.textContent = note;
  };
  Object.assign(input, { onfocus: explain, onblur: stop });
  Object.assign(row, { onpointerenter: explain, onpointerleave: stop });
}
find("more", HTMLButtonElement).onclick = () => {
  firstSeed = surprise();
  showGrid();
};
find("other-end", HTMLButtonElement).onclick = () => {
  end = chooseSeed(surprise(), Math.floor(Math.random() * numClasses));
  showWalk();
};
find("end-here", HTMLButtonElement).onclick = () => {
  end = chosen;
  showWalk();
};
find("save-digit", HTMLButtonElement).onclick = () =>
  savePng(tileRow([drawChoice(chosen)]), FILE_SCALE, `${nameFile(data.noun)}.png`);
find("save-grid", HTMLButtonElement).onclick = () => {
  const digits = Array.from({ length: numCells }, (_, index) => drawChoice(getCell(index)));
  savePng(tile(digits, data.side, data.grid.columns, 2), FILE_SCALE / 2, nameFile("grid.png"));
};
find("save-film", HTMLButtonElement).onclick = () =>
  saveFile(encodeFilm(drawWalk, FILE_SCALE), nameFile("walk.gif"));

// Write a number.

const textField = /** @type {HTMLInputElement | null} */ (document.getElementById("text"));

/** Show what is written, if the page has the field. */
function showText() {
  if (!textField) return;
  const text = textField.value.trim();
  const { classIds, unknown } = parseText(text, data.classNames);
  written = unknown.length ? [] : classIds;
  find("text-problem", HTMLElement).textContent = unknown.length
    ? `It draws ${data.classNames.join(", ")} only; “${unknown.join("”, “")}” can't be drawn.`
    : "";
  for (const id of ["save-text", "save-text-film"]) {
    find(id, HTMLButtonElement).disabled = written.length === 0;
  }
  const canvas = find("written", HTMLCanvasElement);
  canvas.hidden = written.length === 0;
  if (written.length === 0) return;
  const strip = drawText(0);
  paint(canvas, strip);
  canvas.ariaLabel = `${text}, in the hand of ${describe(chosen)}`;
  fit("written", strip.width, 4);
}

/**
 * Fit a canvas into its frame, with a whole number of the screen's pixels for each of its own.
 *
 * @param {string} id
 * @param {number} width In pixels of the picture.
 * @param {number} scale The largest enlargement.
 */
function fit(id, width, scale) {
  const canvas = find(id, HTMLCanvasElement);
  const frame = /** @type {HTMLElement} */ (canvas.parentElement);
  keepFitting(frame, { width, height: data.side, scale, fill: true }, (shownWidth, shownHeight) => {
    Object.assign(canvas.style, { width: `${shownWidth}px`, height: `${shownHeight}px` });
  });
}

if (textField) {
  textField.oninput = showText;
  const name = () => textField.value.trim();
  find("save-text", HTMLButtonElement).onclick = () =>
    savePng(drawText(0), FILE_SCALE, `${name()}.png`);
  find("save-text-film", HTMLButtonElement).onclick = () =>
    saveFile(encodeFilm(drawText, FILE_SCALE / 2), `${name()}.gif`);
}

const narrow = matchMedia("(max-width: 720px)");
const fitDigit = () => fit("digit", data.side, (narrow.matches ? 196 : 336) / data.side);
narrow.onchange = fitDigit;
fitDigit();
fit("film", data.side, 196 / data.side);
showValue(psiSlider, psi);
showChosen();
showGrid();
