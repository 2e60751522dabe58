/**
 * The page of an exported generator: the choices of a person, and their pictures.
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
 * @property {string} noun Noun for a picture, such as "digit".
 * @property {string} fileName First part of the names of downloads.
 * @property {number} latentDim
 * @property {string[]} classNames Empty if the generator knows no classes.
 * @property {number} side Height and width of a digit, in pixels.
 * @property {{ rows: number, columns: number }} grid
 * @property {number[][]} vectors The sliders' directions, unit vectors.
 * @property {number} zLimit Bound of each entry of z.
 * @property {{ name: string, z: number[], classId: number }[]} examples
 * @property {number} first Index of the example that the page begins with.
 *
 * @typedef {object} Choice A digit that a person has chosen.
 * @property {Float64Array} z
 * @property {number} classId 0 if the generator knows no classes.
 * @property {string} origin Description of where it comes from, such as "number 7, moved".
 * @property {number} [seed] Absent for an example, and for a digit that a slider has moved.
 */

const MAX_SEED = 2 ** 32 - 1;
const NUM_RANDOM_SEEDS = 1_000_000; // So that a randomly chosen seed is short enough to write down.
const FILE_SCALE = 8; // Enlargement of a digit in files.

/** @type {PageData} */
const data = JSON.parse(find("page-data", HTMLScriptElement).textContent ?? "");
const generator = unpackGenerator(
  Uint8Array.from(atob(find("generator", HTMLScriptElement).textContent ?? ""), (character) =>
    character.charCodeAt(0),
  ),
);
const numClasses = data.classNames.length;
const numCells = data.grid.rows * data.grid.columns;

const drawSeed = () => Math.floor(Math.random() * NUM_RANDOM_SEEDS);

let chosen = getExample(data.first);
let firstSeed = drawSeed(); // The seed of the grid's first digit.
let walkEnd = getSeeded(drawSeed(), numClasses && (chosen.classId + 1) % numClasses);
let psi = 1;
/** The classes of the written text. @type {number[]} */
let textClassIds = [];

/**
 * @param {number} index
 * @returns {Choice}
 */
function getExample(index) {
  const { name, z, classId } = data.examples[index];
  return { z: Float64Array.from(z), classId, origin: name };
}

/**
 * @param {number} seed
 * @param {number} classId
 * @returns {Choice}
 */
function getSeeded(seed, classId) {
  return { z: sampleLatent(seed, data.latentDim), classId, origin: `number ${seed}`, seed };
}

/** @param {Choice} choice */
function describe({ classId, origin }) {
  return numClasses ? `${data.classNames[classId]}, ${origin}` : origin;
}

/**
 * @param {Float64Array} z
 * @param {number[]} weights The weights of the classes.
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
  const weights = mixClasses(chosen.classId, walkEnd.classId, share, numClasses);
  return tileRow([drawDigit(slerp(chosen.z, walkEnd.z, share), weights)]);
}

/** @param {number} frame Frame of the film in which the handwriting of the text changes. */
function drawText(frame) {
  const z = slerp(chosen.z, walkEnd.z, getShare(frame, NUM_FRAMES));
  return tileRow(textClassIds.map((classId) => drawChoice({ z, classId, origin: "" })));
}

/**
 * Return a digit of the grid. With classes, each column has one class if that is possible.
 *
 * @param {number} index
 * @returns {Choice}
 */
function getCell(index) {
  const offset = numClasses ? Math.floor(index / Math.min(numClasses, numCells)) : index;
  return getSeeded((firstSeed + offset) % (MAX_SEED + 1), numClasses && index % numClasses);
}

// The elements that show the choices.

const digit = find("digit", HTMLCanvasElement);
const seedField = find("seed", HTMLInputElement);
const psiSlider = find("psi", HTMLInputElement);
const sliders = [...document.querySelectorAll("#sliders input")].map(
  (element) => /** @type {HTMLInputElement} */ (element),
);
const radios = [...document.querySelectorAll("#classes input")].map(
  (element) => /** @type {HTMLInputElement} */ (element),
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
 * @param {number} value The exact value; the slider rounds its own.
 */
function showValue(input, value) {
  const output = /** @type {HTMLElement} */ (input.parentElement).querySelector("output");
  if (output) output.textContent = formatValue(value);
}

/** @param {HTMLInputElement} [moved] The slider that a person moves, which has its value already. */
function showChosen(moved) {
  const description = describe(chosen);
  paint(digit, tileRow([drawChoice(chosen)]));
  digit.ariaLabel = `The chosen ${data.noun}: ${description}, step ${generator.step}`;
  find("origin", HTMLElement).textContent = description[0].toUpperCase() + description.slice(1);
  seedField.value = String(chosen.seed ?? "");
  radios.forEach((radio, classId) => {
    radio.checked = classId === chosen.classId;
  });
  sliders.forEach((input, index) => {
    const value = getDistance(chosen.z, data.vectors[index]);
    if (input !== moved) input.value = String(value);
    showValue(input, value);
  });
  markCell();
  showWalk();
  showText();
}

function showWalk() {
  const ends = `from ${describe(chosen)} to ${describe(walkEnd)}`;
  find("ends", HTMLElement).textContent = `It leads ${ends}, and back.`;
  filmCanvas.ariaLabel = `A walk ${ends}`;
  film.show();
}

function markCell() {
  const cells = Array.from({ length: numCells }, (_, index) => getCell(index));
  grid.mark(
    cells.findIndex(({ seed, classId }) => seed === chosen.seed && classId === chosen.classId),
  );
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

/** @param {string} ending */
const nameFile = (ending) => `${data.fileName}-${ending}`;

// Handlers of clicks and input.

find("surprise", HTMLButtonElement).onclick = () => choose(getSeeded(drawSeed(), chosen.classId));
seedField.oninput = () => {
  if (!seedField.value || !seedField.checkValidity()) return;
  choose(getSeeded(Number(seedField.value), chosen.classId));
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
  button.addEventListener("click", () => choose(getExample(index)));
});
const help = find("slider-help", HTMLElement);
const generalHelp = help.textContent ?? "";
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
  // The browser cancels a touch that becomes a scroll of the page, which must not move the slider.
  input.onpointercancel = () => choose(before);
});
for (const input of [...sliders, psiSlider]) {
  const row = /** @type {HTMLElement} */ (input.parentElement);
  const explain = () => {
    help.textContent = input.getAttribute("aria-description");
  };
  const stopExplaining = () => {
    help.textContent = generalHelp;
  };
  Object.assign(input, { onfocus: explain, onblur: stopExplaining });
  Object.assign(row, { onpointerenter: explain, onpointerleave: stopExplaining });
}
find("more", HTMLButtonElement).onclick = () => {
  firstSeed = drawSeed();
  showGrid();
};
find("other-end", HTMLButtonElement).onclick = () => {
  walkEnd = getSeeded(drawSeed(), Math.floor(Math.random() * numClasses));
  showWalk();
};
find("end-here", HTMLButtonElement).onclick = () => {
  walkEnd = chosen;
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

/** Show the written text, if the page has the field for it. */
function showText() {
  if (!textField) return;
  const text = textField.value.trim();
  const { classIds, unknown } = parseText(text, data.classNames);
  textClassIds = unknown.length ? [] : classIds;
  find("text-problem", HTMLElement).textContent = unknown.length
    ? `It draws ${data.classNames.join(", ")} only; “${unknown.join("”, “")}” can't be drawn.`
    : "";
  for (const id of ["save-text", "save-text-film"]) {
    find(id, HTMLButtonElement).disabled = textClassIds.length === 0;
  }
  const canvas = find("written", HTMLCanvasElement);
  canvas.hidden = textClassIds.length === 0;
  if (textClassIds.length === 0) return;
  const strip = drawText(0);
  paint(canvas, strip);
  canvas.ariaLabel = `${text}, in the hand of ${describe(chosen)}`;
  fit("written", strip.width, 4);
}

/**
 * Fit a canvas into its frame, with a whole number of the screen's pixels for each of its own.
 *
 * @param {string} id
 * @param {number} width Width of the picture, in its own pixels.
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
