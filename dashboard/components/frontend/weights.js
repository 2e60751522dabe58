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

export default function ({ data }) {
  if (!data?.length) return;
  const generator = readGenerator(data);
  const known = generators();
  known.clear(); // A page shows one at a time.
  known.set(generator.name, generator);
}
