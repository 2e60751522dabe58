/** Latent vectors in the browser: sampling, walks, sliders, and the inputs of the generator. */

/**
 * Return a slider's position: how far z is along a direction.
 *
 * @param {Float64Array} z
 * @param {ArrayLike<number>} vector Unit vector.
 * @returns {number}
 */
export function getDistance(z, vector) {
  return z.reduce((sum, value, i) => sum + value * vector[i], 0);
}

/**
 * Move z along a direction.
 *
 * @param {Float64Array} z
 * @param {ArrayLike<number>} vector Unit vector.
 * @param {number} distance The slider's new position, which z reaches unless a bound prevents it.
 * @param {number} limit Bound of each entry of z.
 * @returns {Float64Array<ArrayBuffer>}
 */
export function moveAlong(z, vector, distance, limit) {
  const change = distance - getDistance(z, vector);
  return z.map((value, i) => Math.min(limit, Math.max(-limit, value + change * vector[i])));
}

/**
 * Format a slider's value with two decimals, with a real minus sign and never as "−0.00".
 *
 * @param {number} value
 * @returns {string}
 */
export function formatValue(value) {
  return value
    .toFixed(2)
    .replace(/^-0\.00$/, "0.00")
    .replace("-", "−");
}

/**
 * Create a generator of random numbers in [0, 1): splitmix with 32 bits, whose neighbouring seeds
 * give independent numbers.
 *
 * @param {number} seed Whole number in [0, 2 ** 32).
 * @returns {() => number}
 */
function createRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * Sample z from the standard normal distribution, as in training.
 *
 * The same seed gives other numbers than `sample_latent` in Python, which uses NumPy's generator.
 *
 * @param {number} seed Whole number in [0, 2 ** 32).
 * @param {number} size
 * @returns {Float64Array}
 */
export function sampleLatent(seed, size) {
  const random = createRandom(seed);
  // Box and Muller, 1958.
  return Float64Array.from({ length: size }, () => {
    const length = Math.sqrt(-2 * Math.log(1 - random()));
    return length * Math.cos(2 * Math.PI * random());
  });
}

/**
 * Return a point of the walk from one z to another along the sphere, as `slerp` does in Python.
 *
 * @param {Float64Array} start
 * @param {Float64Array} end
 * @param {number} share How much of the way is done, in [0, 1].
 * @returns {Float64Array}
 */
export function slerp(start, end, share) {
  const [first, last] = [Math.hypot(...start), Math.hypot(...end)];
  const cosine = first * last === 0 ? 1 : getDistance(start, end) / (first * last);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  let [before, after] = [1 - share, share];
  if (sine > 1e-6) {
    const length = (1 - share) * first + share * last;
    before = (Math.sin((1 - share) * angle) / sine) * (length / first);
    after = (Math.sin(share * angle) / sine) * (length / last);
  }
  return start.map((value, i) => before * value + after * end[i]);
}

/**
 * Return the share of a walk that is done at a frame; it changes slowly at both ends.
 *
 * @param {number} frame
 * @param {number} numFrames
 * @returns {number} In [0, 1].
 */
export function getShare(frame, numFrames) {
  return (1 - Math.cos((Math.PI * frame) / (numFrames - 1))) / 2;
}

/**
 * Return the generator's inputs: z times psi, then a weight for each class.
 *
 * @param {Float64Array} z
 * @param {number} psi Truncation: below 1, z is closer to its mean, 0.
 * @param {number[]} weights One for each class; empty if the generator knows no classes.
 * @returns {Float32Array}
 */
export function makeInputs(z, psi, weights) {
  const inputs = new Float32Array(z.length + weights.length);
  inputs.set(z.map((value) => value * psi));
  inputs.set(weights, z.length);
  return inputs;
}

/**
 * Return the weights of the classes on the way from one class to another.
 *
 * @param {number} before
 * @param {number} after
 * @param {number} share How much of the way is done, in [0, 1].
 * @param {number} numClasses
 * @returns {number[]}
 */
export function mixClasses(before, after, share, numClasses) {
  const weights = Array(numClasses).fill(0);
  if (numClasses === 0) return weights;
  weights[before] += 1 - share;
  weights[after] += share;
  return weights;
}

/**
 * Return the class of each character of a text, as `parse_class_text` does in Python.
 *
 * @param {string} text
 * @param {string[]} names The names of the classes.
 * @returns {{ classIds: number[], unknown: string[] }} `unknown` has the characters that are no
 *   class.
 */
export function parseText(text, names) {
  const characters = [...text];
  const unknown = new Set(characters.filter((character) => !names.includes(character)));
  return {
    classIds: characters.map((character) => names.indexOf(character)).filter((id) => id >= 0),
    unknown: [...unknown],
  };
}
