// The generator in the page: what follows a hand cannot wait for a server's answer.

const HALVES = new Float32Array(1 << 16); // Each half-precision number, by its bits.
for (let bits = 0; bits < HALVES.length; bits += 1) {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent
    ? (1 + fraction / 1024) * 2 ** (exponent - 15)
    : fraction * 2 ** -24;
  HALVES[bits] = bits >> 15 ? -size : size;
}

// Reads what `page_generator.pack` has written.
function readGenerator(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const take = (num) => {
    const numbers = new Float32Array(num);
    for (let i = 0; i < num; i += 1, at += 2) numbers[i] = HALVES[view.getUint16(at, true)];
    return numbers;
  };
  for (const layer of header.layers) {
    layer.kernel = take(layer.kernel.reduce((a, b) => a * b));
    layer.offset = take(layer.outputs);
    layer.result = new Float32Array(layer.outputs * layer.side * layer.side);
  }
  return header;
}

// Most activations are 0 behind a ReLU, so a layer goes through its inputs and skips those.
function runDense(inputs, { kernel, offset, outputs, result }) {
  result.set(offset);
  for (let i = 0; i < inputs.length; i += 1) {
    const value = inputs[i];
    if (value === 0) continue;
    for (let o = 0, k = i * outputs; o < outputs; o += 1, k += 1) result[o] += value * kernel[k];
  }
}

// A transposed convolution: each input pixel adds its kernel to the picture.
function runUp(inputs, { kernel, offset, inputs: channels, outputs, size, stride, before, side, result }) {
  for (let at = 0; at < result.length; at += outputs) result.set(offset, at);
  const sideIn = side / stride;
  for (let row = 0; row < sideIn; row += 1) {
    for (let column = 0; column < sideIn; column += 1) {
      const pixel = (row * sideIn + column) * channels;
      for (let c = 0; c < channels; c += 1) {
        const value = inputs[pixel + c];
        if (value === 0) continue;
        for (let y = 0; y < size; y += 1) {
          const down = row * stride + y - before;
          if (down < 0 || down >= side) continue;
          for (let x = 0; x < size; x += 1) {
            const across = column * stride + x - before;
            if (across < 0 || across >= side) continue;
            let to = (down * side + across) * outputs;
            let k = ((c * size + y) * size + x) * outputs;
            for (const end = to + outputs; to < end; to += 1, k += 1) {
              result[to] += value * kernel[k];
            }
          }
        }
      }
    }
  }
}

// Draws one z; returns its pixels, 0 to 255, row by row. They are overwritten by the next.
function drawDigit({ layers }, z) {
  let values = z;
  layers.forEach((layer, index) => {
    (layer.kind === "dense" ? runDense : runUp)(values, layer);
    values = layer.result;
    if (index === layers.length - 1) return;
    for (let i = 0; i < values.length; i += 1) if (values[i] < 0) values[i] = 0;
  });
  return Uint8ClampedArray.from(values, (value) => (Math.tanh(value) + 1) * 127.5);
}

// By the names under which the server sends them; shared by all that draws in this page.
function generators() {
  window.__generators ??= new Map();
  return window.__generators;
}
