/** The hash of a latent batch, equal to the result of `dcgan.latent.sampling.fingerprint`. */

/** The initial value of the hash (RFC 7693, section 2.6). */
const BLAKE2S_IV = Uint32Array.of(
  ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
  ...[0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
);
/** The order in which each round takes the words of a block. */
const ROUNDS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** The words of the state that each of a round's eight steps mixes: four columns, four diagonals. */
const QUARTETS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 4;
/** The first word of BLAKE2s's parameter block: no tree (fanout 1, depth 1), no key, digest length. */
const PARAMETER_WORD = 0x01010000 | DIGEST_BYTES;

/**
 * @param {number} word
 * @param {number} bits
 */
const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits));

/**
 * Mix a block into the hash.
 *
 * @param {Uint32Array} hash Eight words, changed in place.
 * @param {DataView} block 64 bytes.
 * @param {number} numBytes Number of bytes hashed so far, including this block.
 * @param {boolean} isLast
 */
function compress(hash, block, numBytes, isLast) {
  const words = Uint32Array.from({ length: 16 }, (_, i) => block.getUint32(4 * i, true));
  const v = Uint32Array.of(...hash, ...BLAKE2S_IV);
  v[12] ^= numBytes;
  if (isLast) v[14] = ~v[14];
  for (const order of ROUNDS) {
    QUARTETS.forEach(([a, b, c, d], index) => {
      v[a] += v[b] + words[order[2 * index]];
      v[d] = rotate(v[d] ^ v[a], 16);
      v[c] += v[d];
      v[b] = rotate(v[b] ^ v[c], 12);
      v[a] += v[b] + words[order[2 * index + 1]];
      v[d] = rotate(v[d] ^ v[a], 8);
      v[c] += v[d];
      v[b] = rotate(v[b] ^ v[c], 7);
    });
  }
  for (let i = 0; i < 8; i += 1) hash[i] ^= v[i] ^ v[i + 8];
}

/**
 * Hash bytes with BLAKE2s (RFC 7693) to 8 hex digits.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 */
export function hashBytes(bytes) {
  const hash = BLAKE2S_IV.slice();
  hash[0] ^= PARAMETER_WORD;
  const numBlocks = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  const padded = new Uint8Array(numBlocks * BLOCK_BYTES);
  padded.set(bytes);
  for (let i = 0; i < numBlocks; i += 1) {
    const isLast = i === numBlocks - 1;
    const block = new DataView(padded.buffer, i * BLOCK_BYTES, BLOCK_BYTES);
    compress(hash, block, isLast ? bytes.length : (i + 1) * BLOCK_BYTES, isLast);
  }
  const digest = new DataView(new ArrayBuffer(DIGEST_BYTES));
  digest.setUint32(0, hash[0], true);
  return digest
    .getUint32(0)
    .toString(16)
    .padStart(2 * DIGEST_BYTES, "0");
}

/**
 * Hash a latent batch to 8 hex digits.
 *
 * @param {Float32Array[]} batch Latent vectors of the same length; at least one.
 * @returns {string}
 */
export function fingerprint(batch) {
  const shape = new TextEncoder().encode(`(${batch.length}, ${batch[0].length})`);
  const bytes = new Uint8Array(shape.length + 4 * batch.length * batch[0].length);
  bytes.set(shape);
  const view = new DataView(bytes.buffer, shape.length);
  batch
    .flatMap((z) => [...z])
    .forEach((value, i) => {
      view.setFloat32(4 * i, value + 0, true); // The sum with 0 makes -0 a 0.
    });
  return hashBytes(bytes);
}
