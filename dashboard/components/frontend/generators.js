/** The generator of this page, which `weights.js` writes and the sliders read. */

/** @import { Generator } from "./generator.js" */

/** @type {Generator | undefined} */
let kept;

/**
 * Keep a generator in place of the last one: a page shows one at a time.
 *
 * @param {Generator} generator
 */
export function keepGenerator(generator) {
  kept = generator;
}

/**
 * Return the generator with a name, if it has arrived.
 *
 * @param {string} name
 * @returns {Generator | undefined}
 */
export function findGenerator(name) {
  return kept?.name === name ? kept : undefined;
}
