/** The page's one generator: `weights.js` replaces it, `grid_preview.js` draws with it. */

/** @import { Generator } from "../../../../dcgan/documents/frontend/generator.js" */

/** @type {Generator | undefined} */
let current;

/**
 * Replace the page's generator.
 *
 * @param {Generator} generator
 */
export function setGenerator(generator) {
  current = generator;
}

/**
 * Return the page's generator if it has this name.
 *
 * @param {string} name
 * @returns {Generator | undefined}
 */
export function findGenerator(name) {
  return current?.name === name ? current : undefined;
}
