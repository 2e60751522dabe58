/**
 * The generator's forward pass in the browser.
 *
 * It draws during the drag of a slider, without waiting for the server.
 */

/**
 * A layer, with BatchNorm folded into its kernel and offset.
 *
 * @typedef {object} Layer
 * @property {"dense" | "up"} kind Dense, or a transposed convolution.
 * @property {number} inputs Input units, or channels.
 * @property {number} outputs Output units, or channels.
 * @property {number} size Side of the kernel.
 * @property {number} stride
 * @property {number} before Number of the kernel's pixels that are cropped at the left and the top.
 * @property {number} side Side of the output picture.
 * @property {Float32Array} kernel Shape (inputs, outputs) or (inputs, size, size, outputs).
 * @property {Float32Array} offset Shape (outputs,).
 * @property {Float32Array} result Buffer for the output, shape (side, side, outputs).
 *
 * @typedef {object} Generator
 * @property {string} name
 * @property {number} step Training step of its weights.
 * @property {Layer[]} layers
 */

/** The value of each half-precision number, by its bits. */
const HALVES = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const value = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return bits >> 15 ? -value : value;
});

/**
 * Unpack a generator.
 *
 * @param {Uint8Array} bytes As returned by `pack_generator` in Python.
 * @returns {Generator}
 */
export function unpackGenerator(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let position = 4 + length;
  /** @param {number} num */
  const take = (num) => {
    const numbers = new Float32Array(num);
    for (let i = 0; i < num; i += 1, position += 2) {
      numbers[i] = HALVES[view.getUint16(position, true)];
    }
    return numbers;
  };
  /** @param {Layer & { kernel: number[] }} layer In the header, `kernel` is the kernel's shape. */
  const fill = (layer) => ({
    ...layer,
    kernel: take(layer.kernel.reduce((product, length) => product * length)),
    offset: take(layer.outputs),
    result: new Float32Array(layer.outputs * layer.side * layer.side),
  });
  return { name: header.name, step: header.step, layers: header.layers.map(fill) };
}

/**
 * Run a dense layer. Inputs of 0, which are most inputs after a ReLU, are skipped.
 *
 * @param {Float32Array} inputs
 * @param {Layer} layer Its `result` is overwritten.
 */
function runDense(inputs, { kernel, offset, outputs, result }) {
  result.set(offset);
  for (let i = 0; i < inputs.length; i += 1) {
    const value = inputs[i];
    if (value === 0) continue;
    for (let o = 0, k = i * outputs; o < outputs; o += 1, k += 1) result[o] += value * kernel[k];
  }
}

/**
 * Run a transposed convolution: each input pixel adds its kernel to the output.
 *
 * @param {Float32Array} inputs
 * @param {Layer} layer Its `result` is overwritten.
 */
function runTransposedConvolution(inputs, layer) {
  const { kernel, offset, inputs: channels, outputs, size, stride, before, side, result } = layer;
  for (let pixel = 0; pixel < result.length; pixel += outputs) result.set(offset, pixel);
  const inputSide = side / stride;
  for (let row = 0; row < inputSide; row += 1) {
    const top = row * stride - before;
    const [firstY, endY] = [Math.max(0, -top), Math.min(size, side - top)];
    for (let column = 0; column < inputSide; column += 1) {
      const left = column * stride - before;
      const firstX = Math.max(0, -left);
      // A row of the kernel is added to a row of the output; both are contiguous in memory.
      const length = (Math.min(size, side - left) - firstX) * outputs;
      const pixel = (row * inputSide + column) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const value = inputs[pixel + channel];
        if (value === 0) continue;
        for (let y = firstY; y < endY; y += 1) {
          let target = ((top + y) * side + left + firstX) * outputs;
          let k = ((channel * size + y) * size + firstX) * outputs;
          for (const end = target + length; target < end; target += 1, k += 1) {
            result[target] += value * kernel[k];
          }
        }
      }
    }
  }
}

/**
 * Generate one digit.
 *
 * @param {Generator} generator
 * @param {Float32Array} z Shape (latent_dim,).
 * @returns {Uint8ClampedArray} Pixels, shape (side, side, channels).
 */
export function generateDigit({ layers }, z) {
  let values = z;
  layers.forEach((layer, index) => {
    const run = layer.kind === "dense" ? runDense : runTransposedConvolution;
    run(values, layer);
    values = layer.result;
    if (index === layers.length - 1) return;
    for (let i = 0; i < values.length; i += 1) if (values[i] < 0) values[i] = 0;
  });
  return Uint8ClampedArray.from(values, (value) => (Math.tanh(value) + 1) * 127.5);
}
