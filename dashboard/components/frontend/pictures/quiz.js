/** Twenty pictures to sort into real ones and fakes; see `quiz.py`. */

import { createElement, createKeyboardHint, getView, pixelate, resize } from "../dom.js";
import { findNextTile } from "./tiles.js";

/** @import { Component } from "../types.js" */

const GAP = 8;
const MIN_SIDE = 80; // In CSS pixels. If pictures without scrolling were smaller, the dialog scrolls.
// In CSS pixels: the dialog's title and the task above the pictures, the button and the score below.
const HEIGHT_AROUND = 330;
const TEXT_HEIGHT = 48; // The mark and the answer below a picture, with their padding.
const STYLE = `
.quiz { --right: #1a8754; --wrong: #c2413b; }
.quiz.dark { --right: #4cc38a; --wrong: #ff8a80; }
.quiz .task { margin: 0 0 16px; }
.quiz .choices { display: grid; justify-content: start; gap: ${GAP}px; }
.quiz .choices button {
  position: relative; padding: 0 0 4px; border: 0; border-radius: 8px; background: transparent; color: inherit;
  font: inherit; font-size: 0.875rem; line-height: 1.35; cursor: pointer; text-align: center;
  font-variant-numeric: tabular-nums;
}
.quiz .choices img { outline: 3px solid transparent; outline-offset: -1px; margin-bottom: 5px; }
.quiz .choices button[aria-pressed="true"] img { outline-color: var(--fake); }
.quiz .choices button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 3px; }
.quiz .choices span { display: block; }
.quiz .choices .mark { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
/* If the text would push Check below the window, it is hidden until the check, and "fake" is in the gap below the picture. */
.quiz.tight:not(.checked) .choices .answer, .quiz.tight [aria-pressed="false"] .mark { display: none; }
.quiz.tight:not(.checked) .choices { row-gap: 18px; padding-bottom: 18px; }
.quiz.tight:not(.checked) .choices button { padding: 0; }
.quiz.tight:not(.checked) .choices img { display: block; margin: 0; }
.quiz.tight:not(.checked) .choices .mark {
  position: absolute; inset: calc(100% + 2px) 0 auto; font-size: 0.75rem; line-height: 16px;
}
.quiz.tight:not(.checked) .below { margin-top: 4px; }
.quiz.checked .choices button { cursor: default; }
.quiz.checked .choices .mark { display: block; }
.quiz.checked .choices .right img { outline-color: var(--right); }
.quiz.checked .choices .wrong img { outline-color: var(--wrong); }
.quiz.checked .choices .right .mark { color: var(--right); }
.quiz.checked .choices .wrong .mark { color: var(--wrong); }
.quiz .below {
  display: flex; flex-wrap: wrap; align-items: center; gap: 12px 24px; margin-top: 12px;
  min-height: 76px;
}
.quiz .below button {
  padding: 8px 18px; min-height: 40px; border: 1px solid var(--st-primary-color); border-radius: 8px;
  background: var(--st-primary-color); color: white; font: inherit; cursor: pointer;
}
.quiz .below button:disabled { opacity: 0.5; cursor: default; }
.quiz .score { flex: 1 1 240px; margin: 0; }
.quiz .score strong { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.quiz .score small { display: block; font-size: 0.875rem; opacity: 0.8; margin-top: 2px; }
`;

/**
 * @typedef {object} Quiz
 * @property {string} round Changes with each round.
 * @property {string} introduction
 * @property {string[]} pictures
 * @property {boolean[]} isReal
 * @property {number[]} answers The discriminator's probabilities that a picture is real.
 * @property {string[]} classes The class that the generator was asked to draw, "" for real pictures; empty without classes.
 * @property {number} side Of a picture, in its own pixels.
 * @property {number} scale Largest enlargement.
 * @property {string} fakeColor
 * @property {boolean} isDark
 */

/** @type {WeakMap<HTMLElement, QuizView>} */
const views = new WeakMap();
/**
 * The last view, with its marks: when a run ends, the page renders the dialog at another place.
 *
 * @type {QuizView | undefined}
 */
let newest;

/**
 * Return which pictures the discriminator calls real if it has to choose half of them, as a person
 * has to: the pictures with its highest answers.
 *
 * @param {number[]} answers
 * @returns {boolean[]}
 */
export function chooseRealHalf(answers) {
  const order = answers.map((_, index) => index).sort((a, b) => answers[b] - answers[a] || a - b);
  const chosen = new Set(order.slice(0, answers.length / 2));
  return answers.map((_, index) => chosen.has(index));
}

/**
 * @param {boolean[]} guesses Whether each picture is called real.
 * @param {boolean[]} truth
 * @returns {number} Number of pictures that were sorted correctly.
 */
export function countCorrect(guesses, truth) {
  return guesses.filter((guess, index) => guess === truth[index]).length;
}

/**
 * Choose the number of columns, a divisor of the number of pictures, at which they are largest.
 *
 * @param {number} num Number of pictures.
 * @param {number} side Of a picture, in its own pixels.
 * @param {number} scale Largest enlargement.
 * @param {[number, number]} room Width and height for the pictures and their text, in CSS pixels.
 * @param {number} textHeight Height of the text below a picture.
 * @param {number} pixelRatio Device pixels in a CSS pixel.
 * @returns {[number, number]} Columns, and the side of a picture in CSS pixels.
 */
export function chooseColumns(num, side, scale, [width, height], textHeight, pixelRatio) {
  /** @param {number} columns @param {number} tallest */
  const measure = (columns, tallest) => {
    const widest = (width - (columns - 1) * GAP) / columns;
    const whole = Math.floor((Math.min(widest, tallest, side * scale) * pixelRatio) / side);
    return (Math.max(0, whole) * side) / pixelRatio;
  };
  /** @type {[number, number][]} */
  const options = [10, 5, 4].map((columns) => {
    const tallest = (height * columns) / num - textHeight - GAP;
    return [columns, measure(columns, tallest)];
  });
  let [best] = options.sort((a, b) => b[1] - a[1]);
  if (best[1] < MIN_SIDE) {
    // Larger ones that have to be scrolled.
    const scrolled = [5, 4].map(
      (columns) => /** @type {[number, number]} */ ([columns, measure(columns, Infinity)]),
    );
    [best] = [best, ...scrolled].sort((a, b) => b[1] - a[1]);
  }
  return best[1] ? best : [4, (width - 3 * GAP) / 4];
}

/**
 * @param {number} num Number of pictures.
 * @param {[number, number]} chosen Columns, and the side of a picture in CSS pixels.
 * @param {number} height Height for the pictures and their text, in CSS pixels.
 * @param {number} textHeight Height of the text below a picture.
 * @returns {boolean} Whether all pictures fit with their text.
 */
export function fitsWithText(num, [columns, side], height, textHeight) {
  return Math.ceil(num / columns) * (side + textHeight + GAP) <= height;
}

/**
 * @param {boolean} isReal
 * @param {string} [className] The class that a fake was asked for.
 * @returns {string} What a picture really is, such as "fake 3".
 */
export function nameTruth(isReal, className) {
  if (isReal) return "real";
  return className ? `fake ${className}` : "fake";
}

class QuizView {
  constructor() {
    this.task = createElement("p", { className: "task" });
    this.choices = createElement("div", { className: "choices", role: "group" });
    this.choices.ariaLabel = "Pictures to sort";
    this.button = createElement("button", { type: "button" });
    this.score = createElement("p", { className: "score" });
    this.score.ariaLive = "polite";
    const below = createElement("div", { className: "below" }, this.button, this.score);
    const style = createElement("style", { textContent: STYLE });
    this.root = createElement("div", { className: "quiz" }, style, this.task, this.choices, below);
    this.round = "";
    this.isChecked = false;
    this.total = { person: 0, discriminator: 0, num: 0, rounds: 0 };
    /** @type {{ root: HTMLButtonElement, image: HTMLImageElement, mark: HTMLElement, answer: HTMLElement }[]} */
    this.entries = [];
  }

  /** @param {Quiz} data */
  shows(data) {
    return (
      this.round === data.round &&
      this.entries.every(({ image }, index) => image.src === data.pictures[index])
    );
  }

  /** @param {Quiz} data */
  begin(data) {
    this.round = data.round;
    this.isChecked = false;
    this.entries = data.pictures.map((src) => {
      const image = pixelate(createElement("img", { src, alt: "" }));
      const mark = createElement("span", { className: "mark" });
      const answer = createElement("span", { className: "answer", innerText: "\u00a0" });
      const root = createElement("button", { type: "button", tabIndex: -1 }, image, mark, answer);
      return { root, image, mark, answer };
    });
    this.entries.forEach((entry, index) => {
      entry.root.ariaPressed = "false";
      entry.root.onclick = () => this.toggle(index);
      this.describe(index);
    });
    this.entries[0].root.tabIndex = 0;
    this.choices.replaceChildren(...this.entries.map((entry) => entry.root));
    const verb = matchMedia("(hover: none)").matches ? "Tap" : "Click";
    const half = data.pictures.length / 2;
    const task = createElement("strong", {
      textContent: `${verb} the ${half} you think are fakes.`,
    });
    this.task.replaceChildren(
      `${data.introduction} `,
      task,
      createKeyboardHint(" With the keyboard: arrow keys and Space."),
    );
    this.button.textContent = "Check";
    this.showCount();
  }

  /** @param {number} index */
  isFake(index) {
    return this.entries[index].root.ariaPressed === "true";
  }

  /** @param {number} index */
  describe(index) {
    const { root, mark } = this.entries[index];
    // No text below the others: "real" would look like an answer.
    mark.textContent = this.isFake(index) ? "fake" : "\u00a0";
    root.ariaLabel = `Picture ${index + 1}${this.isFake(index) ? ": fake" : ""}`;
  }

  /** @param {number} index */
  toggle(index) {
    for (const entry of this.entries) entry.root.tabIndex = -1;
    this.entries[index].root.tabIndex = 0;
    if (this.isChecked) return;
    this.entries[index].root.ariaPressed = String(!this.isFake(index));
    this.describe(index);
    this.showCount();
  }

  showCount() {
    const num = this.entries.filter((_, index) => this.isFake(index)).length;
    const half = this.entries.length / 2;
    // The discriminator has to choose half of them too.
    this.button.disabled = num !== half;
    this.score.textContent =
      num > half ? `${num - half} too many: unmark ${num - half}.` : `${num} of ${half} chosen.`;
  }

  /** @param {Quiz} data */
  check(data) {
    const { isReal, answers, classes } = data;
    const guesses = this.entries.map((_, index) => !this.isFake(index));
    const person = countCorrect(guesses, isReal);
    const discriminator = countCorrect(chooseRealHalf(answers), isReal);
    this.isChecked = true;
    this.entries.forEach(({ root, mark, answer }, index) => {
      const truth = nameTruth(isReal[index], classes[index]);
      const isRight = guesses[index] === isReal[index];
      root.className = isRight ? "right" : "wrong";
      mark.textContent = `${isRight ? "✓" : "✗"} ${truth}`;
      const percent = Math.round(100 * answers[index]);
      answer.textContent = `D: ${percent}%`;
      const opinion = `${percent}% real, says the discriminator`;
      root.title = `${truth}: ${opinion}`;
      root.ariaLabel = `Picture ${index + 1}: ${truth}, you were ${isRight ? "right" : "wrong"}; ${opinion}`;
    });
    const num = isReal.length;
    const { total } = this;
    total.person += person;
    total.discriminator += discriminator;
    total.num += num;
    total.rounds += 1;
    const strong = createElement("strong");
    strong.textContent = `You ${person} of ${num}, the discriminator ${discriminator} of ${num}.`;
    const small = createElement("small");
    const rounds =
      total.rounds > 1
        ? ` All ${total.rounds} rounds: you ${total.person}, the discriminator ${total.discriminator} of ${total.num}.`
        : "";
    small.textContent =
      "D is the discriminator's answer: how likely it thinks that the picture is real. " +
      `The ${num / 2} pictures that it trusts least count as the fakes that it chose. ` +
      `Guessing gets ${num / 2}.${rounds}`;
    this.score.replaceChildren(strong, small);
    this.task.textContent = `${data.introduction} Below each picture is what it really is: ✓ you were right, ✗ you were wrong.${data.classes.length ? " Beside “fake” is the class that the generator was asked for." : ""}`;
    this.button.textContent = "New round";
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    const buttons = this.entries.map((entry) => entry.root);
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const columns = getComputedStyle(this.choices).gridTemplateColumns.split(" ").length;
    const next = findNextTile(event.key, index, columns, buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  }

  /** @param {Quiz} data @param {number} width */
  fit(data, width) {
    const height = Math.max(200, window.innerHeight - HEIGHT_AROUND);
    const ratio = window.devicePixelRatio || 1;
    const num = this.entries.length;
    const [columns, side] = chooseColumns(
      num,
      data.side,
      data.scale,
      [width, height],
      TEXT_HEIGHT,
      ratio,
    );
    const hasRoom = fitsWithText(num, [columns, side], height, TEXT_HEIGHT);
    this.root.classList.toggle("tight", !hasRoom);
    this.choices.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
    for (const { image } of this.entries) resize(image, side, side);
  }
}

/**
 * @param {Component<Quiz>} component
 * @returns {() => void}
 */
export default function showQuiz({ data, parentElement, setTriggerValue }) {
  const view = getView(views, parentElement, () => (newest?.shows(data) ? newest : new QuizView()));
  newest = view;
  view.root.classList.toggle("dark", data.isDark);
  view.root.style.setProperty("--fake", data.fakeColor);
  if (view.round !== data.round) {
    view.begin(data);
    // After the dialog has taken the focus: arrow keys and Space work at once.
    setTimeout(() => view.entries[0].root.focus({ preventScroll: true }));
  }
  view.root.classList.toggle("checked", view.isChecked);
  view.choices.onkeydown = (event) => view.move(event);
  view.button.onclick = () => {
    if (view.isChecked) setTriggerValue("again", data.round);
    else {
      view.check(data);
      view.root.classList.add("checked");
      // On a phone the score is below the button, and below the window.
      view.score.scrollIntoView({ block: "nearest" });
    }
  };
  const observer = new ResizeObserver(() => {
    if (parentElement.clientWidth) view.fit(data, parentElement.clientWidth);
  });
  observer.observe(parentElement);
  return () => observer.disconnect();
}
