import assert from "node:assert/strict";
import { test } from "node:test";
import { hashBytes } from "../../dashboard/components/frontend/explore/fingerprint.js";

test("bytes are hashed with BLAKE2s, also those that fill several blocks", () => {
  assert.equal(hashBytes(new Uint8Array()), "36e9d246");
  assert.equal(hashBytes(Uint8Array.from({ length: 64 }, (_, i) => i)), "7f39702a");
  assert.equal(hashBytes(Uint8Array.from({ length: 200 }, (_, i) => i)), "66db8db6");
});
