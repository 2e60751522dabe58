import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  findGenerator,
  setGenerator,
} from "../../dashboard/components/frontend/explore/page_generator.js";
import { generateDigit, unpackGenerator } from "../../dcgan/documents/frontend/generator.js";

/**
 * Generators and the digits that Keras draws with them; see `make_generator_fixture.py`.
 *
 * @type {{ name: string, packed: string, z: number[][], pixels: string[] }[]}
 */
const FIXTURES = JSON.parse(readFileSync(new URL("generators.json", import.meta.url), "utf-8"));
// The page computes with half-precision weights.
const TOLERANCE = 2;

/** @param {string} base64 */
const decode = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

for (const { name, packed, z, pixels } of FIXTURES) {
  test(`a generator ${name} draws the digits that Keras draws`, () => {
    const generator = unpackGenerator(decode(packed));
    assert.equal(generator.name, name);
    z.forEach((numbers, index) => {
      const expected = decode(pixels[index]);
      const drawn = generateDigit(generator, Float32Array.from(numbers));
      assert.equal(drawn.length, expected.length);
      const worst = Math.max(...drawn.map((value, i) => Math.abs(value - expected[i])));
      assert.ok(worst <= TOLERANCE, `differs by ${worst}`);
    });
  });
}

test("half-precision numbers are read exactly", () => {
  const header = JSON.stringify({
    name: "numbers",
    layers: [{ kind: "dense", kernel: [1, 5], inputs: 1, outputs: 5, side: 1, stride: 1 }],
  });
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000]; // 1, -2, 65504, 2 ** -24, -0
  const bytes = new Uint8Array(4 + header.length + 4 * halves.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.length, true);
  bytes.set(new TextEncoder().encode(header), 4);
  [...halves, ...halves].forEach((bits, index) => {
    view.setUint16(4 + header.length + 2 * index, bits, true);
  });
  const [layer] = unpackGenerator(bytes).layers;
  assert.deepEqual([...layer.kernel], [1, -2, 65504, 2 ** -24, -0]);
  assert.deepEqual([...layer.offset], [...layer.kernel]);
});

test("a page keeps the newest generator alone", () => {
  assert.equal(findGenerator("a"), undefined);
  const [a, b] = ["a", "b"].map((name) => ({ name, step: 0, layers: [] }));
  setGenerator(a);
  assert.equal(findGenerator("a"), a);
  setGenerator(b);
  assert.equal(findGenerator("a"), undefined);
  assert.equal(findGenerator("b"), b);
});
