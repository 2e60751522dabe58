import assert from "node:assert/strict";
import { test } from "node:test";
import {
  chooseColumns,
  chooseRealHalf,
  countCorrect,
  fitsWithText,
  nameTruth,
} from "../../dashboard/components/frontend/pictures/quiz.js";

test("the discriminator calls the half with its highest answers real", () => {
  assert.deepEqual(chooseRealHalf([0.4, 0.49, 0.45, 0.3]), [false, true, true, false]);
  // With equal answers it still has to choose half of them.
  assert.deepEqual(chooseRealHalf([0.5, 0.5, 0.5, 0.5]), [true, true, false, false]);
});

test("a picture counts if it was called what it is", () => {
  assert.equal(countCorrect([true, true, false, false], [true, false, true, false]), 2);
  assert.equal(countCorrect([true, false], [true, false]), 2);
});

test("pictures are as large as fits, by a whole number of device pixels", () => {
  assert.deepEqual(chooseColumns(20, 28, 4, [1200, 470], 48, 1), [10, 112]);
  // On a phone: four columns of pictures 70 CSS pixels wide; the dialog scrolls.
  assert.deepEqual(chooseColumns(20, 28, 4, [310, 500], 48, 2), [4, 70]);
  assert.deepEqual(chooseColumns(20, 64, 2, [1200, 470], 48, 1), [5, 128]);
  // Larger than the screen's pixels: made smaller.
  assert.deepEqual(chooseColumns(20, 128, 1, [324, 500], 48, 1), [4, 75]);
});

test("the place of the text is kept where all pictures fit with it, and on a phone it is not", () => {
  assert.equal(fitsWithText(20, [10, 112], 470, 48), true);
  assert.equal(fitsWithText(20, [4, 70], 500, 48), false);
});

test("a fake is named with the class that was asked for, where there are classes", () => {
  assert.equal(nameTruth(true, ""), "real");
  assert.equal(nameTruth(false, "3"), "fake 3");
  assert.equal(nameTruth(false, undefined), "fake");
});
