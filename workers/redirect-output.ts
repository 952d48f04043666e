/**
 * Where what tasks print in a thread goes, if not to the program's own streams. A child's streams are chosen when it is forked.
 *
 * The streams stay: a preload of the program's may have printed, and then the console keeps those that it has; and Node from 22 on
 * looks for its own on `process` when main is ready for more.
 */
import type { Writable } from "node:stream";
import type { Stdio } from "../src/core/stdio.ts";

type Write = (chunk: string | Uint8Array, encoding: BufferEncoding, done: () => void) => void;

export function redirectOutput(stdio: Stdio): void {
  if (stdio === "inherit") return;
  if (stdio === "stderr") {
    return divert(
      process.stdout,
      (chunk, encoding, done) => void process.stderr.write(chunk, encoding, () => done()),
    );
  }
  for (const stream of [process.stdout, process.stderr]) divert(stream, (_chunk, _encoding, done) => done());
}

/** Chunks one by one: Node's own takes many at once. */
function divert(stream: Writable, write: Write): void {
  Object.assign(stream, { _write: write, _writev: null });
}
