/** The generator's weights, sent by the server; see `invisible.py`. */

import { unpackGenerator } from "../../../../dcgan/documents/frontend/generator.js";
import { setGenerator } from "./page_generator.js";

/** @import { Component } from "../types.js" */

/** @param {Component<Uint8Array | null>} component */
export default function receiveWeights({ data, parentElement }) {
  if (!data?.length) return;
  const generator = unpackGenerator(data);
  setGenerator(generator);
  parentElement.dataset.generator = generator.name; // Shows tests that it has arrived.
}
