// The generator in the page: what follows a hand cannot wait for a server's answer.

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

// Draws one z; returns its pixels, 0 to 255, row by row, the colours of each beside each other.
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
