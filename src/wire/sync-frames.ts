/**
 * Messages on the pipe that a child process blocks on: a length, and as many bytes of V8's serialization. Its IPC channel could not serve: what that
 * cannot take at once leaves while the event loop turns, and a blocked one does not.
 */
import { deserialize, serialize } from "node:v8";
import type { MainAnswer, MainCall } from "./main-messages.ts";

export const LENGTH_BYTES = 4;

export function syncFrame(message: MainCall | MainAnswer): Buffer {
  const bytes = serialize(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Collects what arrives in pieces. */
export class SyncFrames {
  #pieces: Buffer[] = [];
  #bytes = 0;

  *add(piece: Buffer): Generator<MainCall> {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    for (let whole = this.#take(); whole !== undefined; whole = this.#take()) {
      yield deserialize(whole) as MainCall;
    }
  }

  #take(): Buffer | undefined {
    if (this.#bytes < LENGTH_BYTES) return undefined;
    const [first] = this.#pieces;
    const length = (
      first!.length >= LENGTH_BYTES ? first! : (this.#pieces = [Buffer.concat(this.#pieces)])[0]!
    ).readUInt32LE();
    const end = LENGTH_BYTES + length;
    if (this.#bytes < end) return undefined;
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(end)];
    this.#bytes -= end;
    return all.subarray(LENGTH_BYTES, end);
  }
}
