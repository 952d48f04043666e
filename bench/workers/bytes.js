import { Piscina } from "piscina";
import { transfer } from "offloop";

/** What a call with a payload does: as little as possible with it. */

/** @param {Uint8Array} bytes */
export function length(bytes) {
  return bytes.byteLength;
}

/** @param {number} size */
export function make(size) {
  return new Uint8Array(size);
}

/** @param {number} size */
export function makeToMove(size) {
  const bytes = new Uint8Array(size);
  return transfer(bytes, [bytes.buffer]);
}

/** @param {string} text */
export function textLength(text) {
  return text.length;
}

export function makeToMoveWithPiscina(size) {
  return Piscina.move(new Uint8Array(size));
}
